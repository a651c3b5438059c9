// SPDX-License-Identifier: Apache-2.0
// The service as a whole: which model answers, what is refused, what is remembered, and many
// callers at once.
#include "embed/embedder.h"

#include <thread>

#include <gtest/gtest.h>

#include "aio/log_writer.h"
#include "aio/scope.h"
#include "aio/testing.h"
#include "base/text.h"
#include "embed/embed_testing.h"

namespace mynah::embed {
namespace {

struct Quiet {
  SystemClock clock;
  std::unique_ptr<LogWriter> writer = *LogWriter::open({.path = "/dev/null"});
  Log log{*writer, clock, LogOptions{}};
  Metrics metrics{1};
  Logger logger{log, "embed"};
};

EmbedderOptions options_of(const std::string& folder = MYNAH_MODELS) {
  EmbedderOptions options;
  options.folder = folder;
  options.threads = 2;
  return options;
}

EmbedRequest request_of(std::string text, std::string model = "") {
  return {.texts = {std::move(text)}, .model = std::move(model), .folder = ""};
}

MYNAH_TEST_CO(Embedder, TheScriptOfATextChoosesTheModel) {
  Quiet quiet;
  Embedder embedder(options_of(), quiet.metrics, quiet.logger);
  const auto made = co_await embedder.embed(
      loop, {.texts = {"How are you?", "你好吗？"}, .model = "", .folder = ""});
  MYNAH_CO_ASSERT(made.ok());

  EXPECT_EQ((*made)[0].model, "bge-small-en-v1.5");
  EXPECT_EQ((*made)[0].vector->size(), 384U);
  EXPECT_EQ((*made)[0].tokens, 4U);
  EXPECT_EQ((*made)[1].model, "bge-small-zh-v1.5");
  EXPECT_EQ((*made)[1].vector->size(), 512U);
}

MYNAH_TEST_CO(Embedder, AModelThatIsNamedIsUsedWhateverTheScript) {
  Quiet quiet;
  Embedder embedder(options_of(), quiet.metrics, quiet.logger);

  const auto made = co_await embedder.embed(loop, request_of("hello", "bge-small-zh-v1.5"));

  MYNAH_CO_ASSERT(made.ok());
  EXPECT_EQ((*made)[0].model, "bge-small-zh-v1.5");
}

MYNAH_TEST_CO(Embedder, ATextThatTheModelCannotRepresentIsRefused) {
  Quiet quiet;
  Embedder embedder(options_of(), quiet.metrics, quiet.logger);
  for (const char* text :
       {"Как сбросить пароль?", "パスワードをリセットするにはどうすればいいですか",
        "비밀번호를 어떻게 재설정하나요?", "كيف أعيد تعيين كلمة المرور؟",
        "Πώς αλλάζω τον κωδικό μου;", "😀 😡 🙏"}) {
    const auto made = co_await embedder.embed(loop, request_of(text));

    EXPECT_FALSE(made.ok()) << text;
    if (!made) {
      EXPECT_EQ(made.error().code, Errc::unsupported) << text;
    }
  }
  const auto chinese = co_await embedder.embed(loop, request_of("请打开窗户", "bge-small-en-v1.5"));
  MYNAH_CO_ASSERT(!chinese.ok());
  EXPECT_EQ(chinese.error().code, Errc::unsupported);
}

MYNAH_TEST_CO(Embedder, TextWithAStrayForeignWordIsTaken) {
  Quiet quiet;
  Embedder embedder(options_of(), quiet.metrics, quiet.logger);
  for (const char* text :
       {"Please explain to me in a few simple sentences what the sign 😀 means in a letter",
        "Où est la bibliothèque?", "用Python写一个快速排序算法", "SQL 和 NoSQL 有什么区别？"}) {
    const auto made = co_await embedder.embed(loop, request_of(text));

    EXPECT_TRUE(made.ok()) << text << " " << (made ? "" : made.error().what);
  }
}

MYNAH_TEST_CO(Embedder, ATextWithoutAWordIsRefused) {
  Quiet quiet;
  Embedder embedder(options_of(), quiet.metrics, quiet.logger);

  const auto made = co_await embedder.embed(loop, request_of(" \n"));

  MYNAH_CO_ASSERT(!made.ok());
  EXPECT_EQ(made.error().code, Errc::invalid_argument);
}

MYNAH_TEST_CO(Embedder, AModelThatIsMissingIsAClearError) {
  Quiet quiet;
  TempFolder empty;
  Embedder embedder(options_of(empty.path().string()), quiet.metrics, quiet.logger);

  const auto made = co_await embedder.embed(loop, request_of("hello"));

  MYNAH_CO_ASSERT(!made.ok());
  EXPECT_EQ(made.error().code, Errc::unavailable);
  EXPECT_NE(made.error().what.find("bge-small-en-v1.5-q"), std::string::npos);
}

MYNAH_TEST_CO(Embedder, AnotherModelIsUsedFromItsFolder) {
  Quiet quiet;
  Embedder embedder(options_of(), quiet.metrics, quiet.logger);

  const auto made = co_await embedder.embed(
      loop, {.texts = {"mynah"}, .model = "", .folder = "tests/golden/embed/tiny"});

  MYNAH_CO_ASSERT(made.ok());
  EXPECT_EQ((*made)[0].model, "tiny");
  EXPECT_EQ((*made)[0].vector->size(), 32U);
}

MYNAH_TEST_CO(Embedder, ATextThatIsAskedAgainIsNotRunAgain) {
  Quiet quiet;
  Embedder embedder(options_of(), quiet.metrics, quiet.logger);
  const auto first = co_await embedder.embed(loop, request_of("hello"));
  const auto second = co_await embedder.embed(loop, request_of("hello"));
  MYNAH_CO_ASSERT(first.ok() && second.ok());

  EXPECT_EQ((*first)[0].vector, (*second)[0].vector);
}

MYNAH_TEST_CO(Embedder, TextsBeyondTheQueueAreRefused) {
  Quiet quiet;
  EmbedderOptions options = options_of();
  options.queue_texts_max = 2;
  Embedder embedder(std::move(options), quiet.metrics, quiet.logger);

  const auto made =
      co_await embedder.embed(loop, {.texts = {"a", "b", "c"}, .model = "", .folder = ""});

  MYNAH_CO_ASSERT(!made.ok());
  EXPECT_EQ(made.error().code, Errc::exhausted);
}

Task<> ask(Loop& loop, Embedder& embedder, std::string text, int& answered) {
  const auto made = co_await embedder.embed(loop, request_of(std::move(text)));
  if (made) ++answered;
}

TEST(Embedder, CallersOnSeveralLoopsAreAnsweredTogether) {
  Quiet quiet;
  Embedder embedder(options_of(), quiet.metrics, quiet.logger);
  int answered[2] = {};
  const auto work = [&](int which) {
    auto loop = *Loop::create();
    Scope scope(*loop);
    for (int i = 0; i < 20; ++i)
      scope.spawn(ask, std::ref(*loop), std::ref(embedder), cat("question ", which, " ", i),
                  std::ref(answered[which]));
    loop->run_until([&] { return scope.size() == 0; });
  };
  std::thread one(work, 0);
  std::thread other(work, 1);
  one.join();
  other.join();

  EXPECT_EQ(answered[0], 20);
  EXPECT_EQ(answered[1], 20);
}

TEST(Embedder, CallersThatGoAwayLeaveNothingBehind) {
  Quiet quiet;
  auto loop = *Loop::create();
  Embedder embedder(options_of(), quiet.metrics, quiet.logger);
  int answered = 0;
  {
    Scope scope(*loop);
    for (int i = 0; i < 10; ++i)
      scope.spawn(ask, std::ref(*loop), std::ref(embedder), cat("gone ", i), std::ref(answered));
  }
  Scope scope(*loop);
  scope.spawn(ask, std::ref(*loop), std::ref(embedder), std::string("still here"),
              std::ref(answered));
  loop->run_until([&] { return scope.size() == 0; });

  EXPECT_EQ(answered, 1);
}

TEST(Memo, ForgetsWhatWasNotAskedForTheLongest) {
  Memo memo(2000);
  const Embedding one{std::make_shared<const std::vector<float>>(100, 1.0F), "m", 1, false};
  memo.keep("m", "a", one);
  memo.keep("m", "b", one);
  memo.keep("m", "c", one);
  EXPECT_TRUE(memo.find("m", "a").has_value());

  memo.keep("m", "d", one);

  EXPECT_TRUE(memo.find("m", "a").has_value());
  EXPECT_FALSE(memo.find("m", "b").has_value());
  EXPECT_FALSE(memo.find("other", "a").has_value());
}

}  // namespace
}  // namespace mynah::embed
