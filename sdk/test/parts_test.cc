// SPDX-License-Identifier: Apache-2.0
// The parts of the SDK that need no host: configuration, hashes, the table of
// contexts.
#include <map>

#include <gtest/gtest.h>

#include "id_table.h"
#include "mynah/config.h"
#include "mynah/hash.h"

namespace mynah {
namespace {

enum class Mode { open, closed };

struct Inner {
  std::string name;
  int weight = 1;
  static void describe(Schema<Inner>& schema) {
    schema.field("name", &Inner::name, "its name").required().range(1, 5);
    schema.field("weight", &Inner::weight, "how heavy").range(0, 10);
  }
};

struct Whole {
  Mode mode = Mode::open;
  std::uint16_t port = 80;
  double share = 0.5;
  bool on = true;
  Secret key;
  std::chrono::milliseconds wait{100};
  std::optional<Inner> one;
  std::vector<Inner> many;
  Named<int> named;
  static void describe(Schema<Whole>& schema) {
    schema.field("mode", &Whole::mode, "m")
        .choice("open", Mode::open)
        .choice("closed", Mode::closed);
    schema.field("servicePort", &Whole::port, "p").alias("port").range(1, 65535);
    schema.field("share", &Whole::share, "s").range(0, 1);
    schema.field("on", &Whole::on, "o");
    schema.field("key", &Whole::key, "k");
    schema.field("wait", &Whole::wait, "w");
    schema.field("one", &Whole::one, "one");
    schema.field("many", &Whole::many, "many").range(0, 2);
    schema.field("named", &Whole::named, "named");
  }
};

Result<Whole> read(std::string text) {
  MYNAH_LET(const Json json, Json::parse(std::move(text)));
  return parse_config<Whole>(json.root());
}

std::string refusal(std::string text) {
  const auto parsed = read(std::move(text));
  return parsed ? "accepted" : parsed.error().what;
}

TEST(Config, every_kind_of_field_is_read) {
  const auto whole = read(
      R"({"mode": "closed", "port": 443, "share": 0.25, "on": false, "key": "s3cret", "wait": 7,
      "one": {"name": "a"}, "many": [{"name": "b", "weight": 3}, {"name": "c"}], "named": {"x": 1, "y": -2}})");

  ASSERT_TRUE(whole) << whole.error().what;
  EXPECT_EQ(whole->mode, Mode::closed);
  EXPECT_EQ(whole->port, 443);
  EXPECT_EQ(whole->share, 0.25);
  EXPECT_FALSE(whole->on);
  EXPECT_EQ(whole->key.reveal(), "s3cret");
  EXPECT_EQ(whole->wait, std::chrono::milliseconds(7));
  EXPECT_EQ(whole->one->name, "a");
  EXPECT_EQ(whole->many.at(0).weight, 3);
  EXPECT_EQ(whole->many.at(1).weight, 1);
  EXPECT_EQ(whole->named.at(1), (std::pair<std::string, int>("y", -2)));
}

TEST(Config, what_is_not_given_keeps_its_default) {
  const auto whole = read("{}");

  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->port, 80);
  EXPECT_FALSE(whole->one.has_value());
}

TEST(Config, refusals_name_the_field_and_the_remedy) {
  EXPECT_EQ(refusal(R"({"prot": 1})"), "unknown field \"prot\"; did you mean \"port\"?");
  EXPECT_EQ(refusal(R"({"servicePort": 70000})"),
            "\"servicePort\" is 70000; it must be a whole number from 0 to 65535");
  EXPECT_EQ(refusal(R"({"servicePort": 0})"), "\"servicePort\" is 0; the least is 1");
  EXPECT_EQ(refusal(R"({"share": 1.5})"), "\"share\" is 1.5; the most is 1");
  EXPECT_EQ(refusal(R"({"on": "yes"})"), "\"on\" must be true or false, not string");
  EXPECT_EQ(refusal(R"({"mode": "ajar"})"),
            "\"mode\" is \"ajar\"; it must be one of \"open\", \"closed\"");
  EXPECT_EQ(refusal(R"({"many": [{"name": "b"}, {}]})"), "\"many[1].name\" is required");
  EXPECT_EQ(refusal(R"({"many": [{"name": "b", "wait": 1}]})"), "unknown field \"many[0].wait\"");
  EXPECT_EQ(refusal(R"({"many": [{"name": "much too long"}]})"),
            "\"many[0].name\" is 13 bytes long; the most is 5");
  EXPECT_EQ(refusal(R"([])"), "the configuration must be an object, not array");
}

TEST(Config, names_that_belong_to_the_host_are_left_to_it) {
  EXPECT_EQ(refusal(R"({"_match_route_": ["a"], "on": true})"), "accepted");
}

TEST(Config, a_schema_says_types_bounds_and_defaults_but_no_secrets) {
  const std::string schema = json_schema<Whole>();
  const auto json = Json::parse(schema);

  ASSERT_TRUE(json) << schema;
  EXPECT_EQ(json->text("properties.servicePort.maximum"), "65535");
  EXPECT_EQ(json->text("properties.servicePort.default"), "80");
  EXPECT_EQ(json->text("properties.mode.enum"), R"(["open","closed"])");
  EXPECT_EQ(json->text("properties.mode.default"), "open");
  EXPECT_EQ(json->text("properties.key.writeOnly"), "true");
  EXPECT_FALSE(json->find("properties.key.default"));
  EXPECT_EQ(json->text("properties.many.items.required"), R"(["name"])");
  EXPECT_EQ(json->text("properties.many.maxItems"), "2");
  EXPECT_EQ(json->text("additionalProperties"), "false");
}

TEST(Sha256, hashes_as_the_standard_does) {
  EXPECT_EQ(Sha256().hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256().add("abc").hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256().add("abcdbcdecdefdefgefghfghighijhijkijkljklmklmn").add("lmnomnopnopq").hex(),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(IdTable, agrees_with_a_map_through_many_changes) {
  inner::IdTable<int*> table;
  std::map<std::uint32_t, int*> model;
  int values[64];
  std::uint32_t random = 1;
  for (int i = 0; i < 20'000; ++i) {
    random = random * 1664525U + 1013904223U;
    const std::uint32_t id = random >> 8U & 127U;
    if ((random >> 20U & 1U) != 0) {
      table.put(id, &values[id & 63U]);
      model[id] = &values[id & 63U];
    } else {
      const auto known = model.find(id);
      EXPECT_EQ(table.take(id), known == model.end() ? nullptr : known->second);
      model.erase(id);
    }
  }
  EXPECT_EQ(table.size(), model.size());
  for (const auto& [id, value] : model) EXPECT_EQ(table.find(id), value);
}

}  // namespace
}  // namespace mynah
