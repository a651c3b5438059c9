// SPDX-License-Identifier: Apache-2.0
// Pairs of questions, English and Chinese: which serve each other, and why the others do not. Each
// reason has rewordings that it must not hit and near misses that it must.
#include "gate.h"

#include <gtest/gtest.h>

namespace gate {
namespace {

struct Pair {
  const char* asked;
  const char* stored;
};

struct Miss {
  Reason reason;
  const char* asked;
  const char* stored;
};

std::string verdict(const char* asked, const char* stored) {
  const Verdict said = judge(canonical(asked), canonical(stored));
  return std::string(name_of(said.reason));
}

class SameText : public testing::TestWithParam<Pair> {};
class Served : public testing::TestWithParam<Pair> {};
class Refused : public testing::TestWithParam<Miss> {};

TEST_P(SameText, AsksTheSameInItsCanonicalText) {
  EXPECT_EQ(canonical(GetParam().asked).text, canonical(GetParam().stored).text);
}

TEST_P(Served, IsServedInBothDirections) {
  EXPECT_EQ(verdict(GetParam().asked, GetParam().stored), "served");
  EXPECT_EQ(verdict(GetParam().stored, GetParam().asked), "served");
}

TEST_P(Refused, IsRefusedForItsReasonInBothDirections) {
  EXPECT_EQ(verdict(GetParam().asked, GetParam().stored), name_of(GetParam().reason))
      << GetParam().asked;
  EXPECT_EQ(verdict(GetParam().stored, GetParam().asked), name_of(GetParam().reason))
      << GetParam().asked;
}

INSTANTIATE_TEST_SUITE_P(
    Canonical, SameText,
    testing::Values(
        Pair{"How tall is the Eiffel Tower?", "HOW TALL IS THE EIFFEL TOWER"},
        Pair{"Who built the Taj Mahal?", "  Who  built\tthe Taj Mahal ?\n"},
        Pair{"What's a monad?", "What is a monad?"}, Pair{"Why won't it boot?", "Why wont it boot"},
        Pair{"How do I peel a mango?", "Could you please tell me how to peel a mango? Thanks!"},
        Pair{"How do I peel a mango?", "Hi there, how can I peel a mango please"},
        Pair{"How do I peel a mango?", "What is the best way to peel a mango?"},
        Pair{"Why do bees buzz?", "Just curious, why do bees buzz?"},
        Pair{"Why do bees buzz?", "My son asked me this today: why do bees buzz?"},
        Pair{"Is Crete warm in May?", "I was wondering whether Crete is warm in May."},
        Pair{"twenty-five percent of 300", "25% of 300"},
        Pair{"What is two hundred and fifty times 3?", "What is 250 times three?"},
        Pair{"Is half an hour enough?", "Is 30 minutes enough?"},
        Pair{"What costs $5?", "What costs five dollars?"},
        Pair{"Who won the 1st race?", "Who won the first race?"},
        Pair{"What color is a topaz?", "What colour is a topaz?"},
        Pair{"How do I buy a used car?", "How do I purchase a used automobile?"},
        Pair{"What is the capital of Peru?", "What is Peru's capital?"},
        Pair{"In Oslo, what are the parking rules?", "What are the parking rules in Oslo?"},
        Pair{"caf\xC3\xA9 near me", "cafe near me"},
        Pair{"How far is Bonn from Ulm?", "What is the distance between Bonn and Ulm?"},
        Pair{"What does entropy mean?", "What is the meaning of entropy?"},
        Pair{"Run `ls` twice?", "Run ls twice?"}, Pair{"怎么腌黄瓜？", "请问怎么腌黄瓜？"},
        Pair{"怎么腌黄瓜？", "如何腌黄瓜呢"},
        Pair{"怎么腌黄瓜？", "您好，能告诉我怎么腌黄瓜吗？谢谢！"},
        Pair{"怎麼醃黃瓜？", "怎么腌黄瓜?"}, Pair{"ＣＰＵ是什么？", "CPU是什么"},
        Pair{"煮两个鸡蛋要多久？", "煮2个鸡蛋需要多长时间？"},
        Pair{"去云南玩一周要花多少钱？", "去云南玩7天要花多少钱？"},
        Pair{"西红柿可以冷冻吗？", "番茄能不能冷冻？"}));

INSTANTIATE_TEST_SUITE_P(
    Alignment, Served,
    testing::Values(
        Pair{"How does photosynthesis work?", "How does photosynthisis work?"},
        Pair{"Who was the first president of Brazil?", "Who was the first presidnet of Brazil?"},
        Pair{"Where do I renew a passport?", "Where do I renew a pasport?"},
        Pair{"What is the European Space Agency?", "What is the ESA?"},
        Pair{"How do I mount a network file system?", "How do I mount an NFS?"},
        Pair{"Can rabbits and hamsters share a cage?", "Can hamsters and rabbits share a cage?"},
        Pair{"Which is sweeter, honey or sugar?", "Which is sweeter, sugar or honey?"},
        Pair{"When did the Aztec Empire fall?", "Please tell me when the Aztec Empire fell."},
        Pair{"How do I sort a map by value in Go?", "In Go, how do I sort a map by value?"},
        Pair{"Can I swim after eating?", "After eating, can I swim?"},
        Pair{"Do I need a visa for Kenya?", "Do I need a visa for Kenya then?"},
        Pair{"北京和南京哪个更热？", "南京和北京哪个更热？"},
        Pair{"在Word里怎么插入脚注？", "怎么在Word里插入脚注？"},
        Pair{"怎么登录邮箱？", "怎么登陆邮箱？"}));

INSTANTIATE_TEST_SUITE_P(
    NearMisses, Refused,
    testing::Values(
        Miss{Reason::number, "How do I install Java 17?", "How do I install Java 21?"},
        Miss{Reason::number, "What is new in Node 20.1?", "What is new in Node 20.10?"},
        Miss{Reason::number, "Is 38.5 a fever?", "Is 39.5 a fever?"},
        Miss{Reason::number, "Who was the 3rd pope?", "Who was the 4th pope?"},
        Miss{Reason::number, "这本书一共多少页，120页吗", "这本书一共多少页，210页吗"},
        Miss{Reason::date, "Is the museum open on Monday?", "Is the museum open on Friday?"},
        Miss{Reason::antonym, "Should I stretch before a run?", "Should I stretch after a run?"},
        Miss{Reason::date, "动物园周末开门吗？", "动物园今天开门吗？"},
        Miss{Reason::unit, "How far is Bonn in miles?", "How far is Bonn in kilometers?"},
        Miss{Reason::unit, "水的沸点是多少摄氏度？", "水的沸点是多少华氏度？"},
        Miss{Reason::negation, "Which birds fly?", "Which birds don't fly?"},
        Miss{Reason::antonym, "Can I eat it with milk?", "Can I eat it without milk?"},
        Miss{Reason::negation, "哪些鸟会飞", "哪些鸟不会飞"},
        Miss{Reason::antonym, "How do I enable swap?", "How do I disable swap?"},
        Miss{Reason::antonym, "How do I gain weight?", "How do I lose weight?"},
        Miss{Reason::antonym, "Python怎么升序排序", "Python怎么降序排序"},
        Miss{Reason::antonym, "Which city is the largest?", "Which city is the smallest?"},
        Miss{Reason::antonym, "Which city is the oldest?", "Which city is the youngest?"},
        Miss{Reason::negation, "Are all swans white?", "Are no swans white?"},
        Miss{Reason::quantifier, "Are some swans white?", "Are swans white?"},
        Miss{Reason::quantifier, "Name a river.", "Name every river."},
        Miss{Reason::tense, "Is the bridge open?", "Was the bridge open?"},
        Miss{Reason::tense, "Has it snowed in Rome?", "Will it snow in Rome?"},
        Miss{Reason::modal, "Can I sell my house?", "Should I sell my house?"},
        Miss{Reason::frame, "When was the wall built?", "Why was the wall built?"},
        Miss{Reason::frame, "What is a mortgage?", "How do I get a mortgage?"},
        Miss{Reason::frame, "住房贷款是什么", "住房贷款怎么申请"},
        Miss{Reason::format, "List the oceans as JSON.", "List the oceans as CSV."},
        Miss{Reason::name, "Where is Siemens based?", "Where is Nokia based?"},
        Miss{Reason::name, "Who wrote Hamlet?", "Who wrote Macbeth?"},
        Miss{Reason::scope, "How long is parental leave?", "How long is parental leave in Utah?"},
        Miss{Reason::scope, "Can I take aspirin?", "Can I take aspirin while pregnant?"},
        Miss{Reason::frame, "How do I make risotto?", "I am a vegan. How do I make risotto?"},
        Miss{Reason::order, "Who owes Greece Germany money?", "Who owes Germany Greece money?"},
        Miss{Reason::order, "Can a tenant sue a landlord?", "Can a landlord sue a tenant?"},
        Miss{Reason::order, "What is 9 divided by 3?", "What is 3 divided by 9?"},
        Miss{Reason::order, "How do I convert PNG to PDF?", "How do I convert PDF to PNG?"},
        Miss{Reason::order, "怎么把列表转成字符串", "怎么把字符串转成列表"},
        Miss{Reason::order, "北京到上海多远", "上海到北京多远"},
        Miss{Reason::code, "What does git reset --soft do?", "What does git reset --hard do?"},
        Miss{Reason::code, "Is 0 == '0' true?", "Is 0 == \"0\" true?"},
        Miss{Reason::code, "Explain f(a, b)", "Explain f(b, a)"},
        Miss{Reason::code, "What does \\d match?", "What does \\D match?"},
        Miss{Reason::payload, "Translate this: I am here", "Translate this: I am hear"},
        Miss{Reason::payload, "Proofread this sentence: their late",
             "Proofread this sentence: there late"},
        Miss{Reason::wording, "What is hyperthermia?", "What is hypothermia?"},
        Miss{Reason::frame, "I lost my keys. What should I do?", "What should I do?"},
        Miss{Reason::scope, "我是护士，怎么减压", "怎么减压"},
        Miss{Reason::wording, "What causes rust?", "What causes cancer?"},
        Miss{Reason::wording, "How do I cook quinoa?", "How do I store quinoa?"},
        Miss{Reason::wording, "水怎么净化", "空气怎么净化"}));

TEST(Gate, AnaphoraIsNeverMatchedButByItself) {
  const CanonicalForm asked = canonical("How do I uninstall it?");

  EXPECT_EQ(judge(asked, canonical("How do I uninstal it?")).reason, Reason::anaphora);
  EXPECT_TRUE(judge(asked, canonical("how can I uninstall it")).served());
}

TEST(Gate, LongTextsAreComparedAsTheyStand) {
  const std::string text(3000, 'x');

  EXPECT_TRUE(judge(canonical(text + "a"), canonical(text + "a\n")).served());
  EXPECT_EQ(judge(canonical(text + "a"), canonical(text + "b")).reason, Reason::payload);
}

TEST(Gate, TextThatIsNotUtf8IsComparedAsItStands) {
  EXPECT_EQ(judge(canonical("what is \xC3\x28"), canonical("what is (")).reason, Reason::payload);
  EXPECT_TRUE(judge(canonical("what is \xC3\x28"), canonical("what is \xC3\x28")).served());
}

TEST(Gate, QuestionsThatAreOnlyPolitenessKeepTheirWords) {
  EXPECT_NE(canonical("Thank you!").text, canonical("Hello!").text);
  EXPECT_NE(canonical("谢谢").text, canonical("你好").text);
  EXPECT_NE(canonical("").text, canonical("a").text);
}

TEST(Gate, TheKeyIsADigestOfTheText) {
  EXPECT_EQ(canonical("What's a monad?").key(), canonical("what is a monad").key());
  EXPECT_EQ(canonical("What's a monad?").key().size(), 64U);
  EXPECT_NE(canonical("What's a monad?").key(), canonical("What's a monoid?").key());
}

TEST(Gate, EveryReasonHasAName) {
  EXPECT_EQ(name_of(Reason::served), "served");
  EXPECT_EQ(name_of(Reason::wording), "wording");
}

}  // namespace
}  // namespace gate
