// SPDX-License-Identifier: Apache-2.0
// The HTTP interface, with the requests of DashVector's documentation and of the plug-ins that use
// it.
#include "vector/api.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/text.h"

namespace mynah::vector {
namespace {

struct TestApi {
  TestApi() { database = *Database::open({.background = Background::by_hand}, clock); }

  // The answer's status if it is not 200, then its code and message, then its output.
  std::string ask(std::string method, std::string target, std::string body = "") {
    const ApiReply reply =
        handle(*database, {std::move(method), std::move(target), std::move(body), "r-1"});
    const auto json = Json::parse(reply.body);
    EXPECT_TRUE(json.ok()) << reply.body;
    EXPECT_EQ(json->text("request_id"), "r-1");
    std::string shown = reply.status == 200 ? "" : cat(reply.status, " ");
    append(shown, json->text("code"));
    if (json->text("code") != "0") append(shown, " ", json->text("message"));
    if (json->root()["output"]) append(shown, " ", json->root()["output"].raw());
    return shown;
  }

  SimulatedClock clock;
  std::unique_ptr<Database> database;
};

constexpr const char* kQuickstart =
    R"({"name": "quickstart", "dimension": 4, "metric": "dotproduct",
        "fields_schema": {"name": "STRING", "age": "INT", "weight": "FLOAT", "id": 1234567890}})";

TEST(Api, a_collection_is_created_described_counted_and_deleted) {
  TestApi api;
  EXPECT_EQ(api.ask("POST", "/v1/collections", kQuickstart), "0");
  EXPECT_EQ(api.ask("GET", "/v1/collections/quickstart"),
            R"(0 {"name":"quickstart","dimension":4,"dtype":"FLOAT","metric":"dotproduct",)"
            R"("vectors_schema":{"proxima_vector":{"dimension":4,"dtype":"FLOAT",)"
            R"("metric":"dotproduct","quantize_type":""}},)"
            R"("fields_schema":{"age":"INT","id":"LONG","name":"STRING","weight":"FLOAT"},)"
            R"("status":"SERVING","partitions":{"default":"SERVING"}})");
  EXPECT_EQ(api.ask("GET", "/v1/collections"), R"(0 ["default","quickstart"])");
  EXPECT_EQ(api.ask("GET", "/v1/collections/quickstart/stats"),
            R"(0 {"total_doc_count":"0","index_completeness":1,)"
            R"("partitions":{"default":{"total_doc_count":"0"}}})");
  EXPECT_EQ(api.ask("POST", "/v1/collections", kQuickstart), "-2025 collection quickstart exists");
  EXPECT_EQ(api.ask("DELETE", "/v1/collections/quickstart"), "0");
  EXPECT_EQ(api.ask("GET", "/v1/collections/quickstart"),
            "-2021 there is no collection quickstart");
}

TEST(Api, documents_are_inserted_found_fetched_and_deleted) {
  TestApi api;
  api.ask("POST", "/v1/collections", kQuickstart);
  EXPECT_EQ(api.ask("POST", "/v1/collections/quickstart/docs",
                    R"({"docs": [{"id": "1", "vector": [1, 0, 0, 0]},
                                 {"id": "2", "vector": [0, 2, 0, 0], "fields": {"age": 70, "any": true}}]})"),
            R"(0 [{"doc_op":"insert","id":"1","code":0,"message":""},)"
            R"({"doc_op":"insert","id":"2","code":0,"message":""}])");
  EXPECT_EQ(api.ask("POST", "/v1/collections/quickstart/docs",
                    R"({"docs": [{"id": "1", "vector": [9, 0, 0, 0]}]})"),
            R"(0 [{"doc_op":"insert","id":"1","code":-2027,"message":"document 1 exists"}])");
  EXPECT_EQ(api.ask("POST", "/v1/collections/quickstart/query",
                    R"({"vector": [0, 1, 0, 0], "topk": 1, "output_fields": ["age"]})"),
            R"(0 [{"id":"2","fields":{"age":70},"score":2}])");
  EXPECT_EQ(
      api.ask("POST", "/v1/collections/quickstart/query",
              R"({"id": "1", "topk": 1, "output_fields": []})"),
      R"(0 [{"id":"1","fields":{"age":null,"id":null,"name":null,"weight":null},"score":1}])");
  EXPECT_EQ(api.ask("POST", "/v1/collections/quickstart/query",
                    R"({"filter": "age > 18 and any = true", "output_fields": ["any"]})"),
            R"(0 [{"id":"2","fields":{"any":true},"score":0}])");
  EXPECT_EQ(
      api.ask("GET", "/v1/collections/quickstart/docs?ids=1,3&partition=default"),
      R"(0 {"1":{"id":"1","vector":[1.0,0.0,0.0,0.0],"fields":{"age":null,"id":null,"name":null,)"
      R"("weight":null},"score":0}})");
  EXPECT_EQ(api.ask("DELETE", "/v1/collections/quickstart/docs", R"({"ids": ["1", "9"]})"),
            R"(0 [{"doc_op":"delete","id":"1","code":0,"message":""},)"
            R"({"doc_op":"delete","id":"9","code":0,"message":""}])");
  EXPECT_EQ(api.ask("GET", "/v1/collections/quickstart/docs?ids=1"), "0 {}");
  EXPECT_EQ(api.ask("DELETE", "/v1/collections/quickstart/docs", R"({"delete_all": true})"),
            "0 []");
  EXPECT_EQ(api.ask("GET", "/v1/collections/quickstart/docs?ids=2"), "0 {}");
}

TEST(Api, an_upsert_says_what_it_did_and_an_update_needs_something_to_update) {
  TestApi api;
  const std::string path = "/v1/collections/default/docs";
  const char* body = R"({"docs": [{"id": "a", "vector": [1, 0], "fields": {"n": 1}}]})";
  EXPECT_EQ(api.ask("POST", path + "/upsert", body),
            R"(0 [{"doc_op":"insert","id":"a","code":0,"message":""}])");
  EXPECT_EQ(api.ask("POST", path + "/upsert", body),
            R"(0 [{"doc_op":"update","id":"a","code":0,"message":""}])");
  EXPECT_EQ(api.ask("PUT", path, R"({"docs": [{"id": "a", "fields": {"m": 2}}, {"id": "b"}]})"),
            R"(0 [{"doc_op":"update","id":"a","code":0,"message":""},)"
            R"({"doc_op":"update","id":"b","code":-2024,"message":"there is no document b"}])");
  EXPECT_EQ(api.ask("POST", "/v1/collections/default/query", R"({"vector": [1, 0]})"),
            R"(0 [{"id":"a","fields":{"n":1,"m":2},"score":0}])");
}

// As the ai-cache of Higress asks: no collection was created, and documents have no ids.
TEST(Api, a_semantic_cache_works_without_any_preparation) {
  TestApi api;
  const std::string query = R"({"vector": [0.1, 0.2, 0.3], "topk": 1, "include_vector": false})";
  EXPECT_EQ(api.ask("POST", "/v1/collections/my-cache/query", query),
            "-2021 there is no collection my-cache");
  EXPECT_EQ(api.ask("POST", "/v1/collections/my-cache/docs",
                    R"({"docs": [{"vector": [0.1, 0.2, 0.3],
                                  "fields": {"query": "What?", "answer": "That."}}]})")
                .substr(0, 25),
            R"(0 [{"doc_op":"insert","id)");

  const ApiReply reply =
      handle(*api.database, {"POST", "/v1/collections/my-cache/query", query, "r"});
  const auto json = Json::parse(reply.body);
  EXPECT_EQ(json->text("output.0.fields.answer"), "That.");
  EXPECT_NEAR(*json->find("output.0.score").number(), 0.0, 1e-5);
  EXPECT_FALSE(json->find("output.0.vector"));
}

TEST(Api, a_document_lives_as_long_as_it_may) {
  TestApi api;
  api.ask("POST", "/v1/collections/default/docs",
          R"({"docs": [{"id": "a", "vector": [1, 0], "ttl": 60}]})");
  EXPECT_EQ(api.ask("POST", "/v1/collections/default/query", R"({"vector": [1, 0]})"),
            R"(0 [{"id":"a","fields":{},"score":0}])");
  api.clock.advance(60s);
  EXPECT_EQ(api.ask("POST", "/v1/collections/default/query", R"({"vector": [1, 0]})"), "0 []");
  EXPECT_EQ(api.ask("POST", "/v1/collections/default/docs",
                    R"({"docs": [{"id": "a", "vector": [1, 0], "ttl": -1}]})"),
            "-2999 ttl is no number of seconds above 0");
}

TEST(Api, partitions_are_created_listed_counted_and_deleted) {
  TestApi api;
  api.ask("POST", "/v1/collections", kQuickstart);
  const std::string path = "/v1/collections/quickstart/partitions";
  EXPECT_EQ(api.ask("POST", path, R"({"name": "shoes"})"), "0");
  EXPECT_EQ(api.ask("POST", path, R"({"name": "shoes"})"), "-2026 partition shoes exists");
  EXPECT_EQ(api.ask("GET", path), R"(0 ["default","shoes"])");
  EXPECT_EQ(api.ask("GET", path + "/shoes"), R"(0 "SERVING")");
  api.ask("POST", "/v1/collections/quickstart/docs",
          R"({"partition": "shoes", "docs": [{"id": "1", "vector": [1, 0, 0, 0]}]})");
  EXPECT_EQ(api.ask("GET", path + "/shoes/stats"), R"(0 {"total_doc_count":"1"})");
  EXPECT_EQ(api.ask("DELETE", path + "/shoes"), "0");
  EXPECT_EQ(api.ask("GET", path + "/shoes"), "-2022 collection quickstart has no partition shoes");
  EXPECT_EQ(api.ask("DELETE", path + "/default"), "-2999 the default partition cannot be deleted");
}

TEST(Api, vectors_may_be_given_by_the_names_of_newer_clients) {
  TestApi api;
  EXPECT_EQ(api.ask("POST", "/v1/collections",
                    R"({"name": "named", "vectors_schema": {"proxima_vector": {"dimension": 3,
                        "dtype": "FLOAT", "metric": "euclidean"}}})"),
            "0");
  EXPECT_EQ(api.database->describe("named")->metric, Metric::euclidean);
  EXPECT_EQ(api.ask("POST", "/v1/collections/default/docs",
                    R"({"docs": [{"id": "a", "vectors": {"proxima_vector": [1, 0]}}]})"),
            R"(0 [{"doc_op":"insert","id":"a","code":0,"message":""}])");
  EXPECT_EQ(api.ask("POST", "/v1/collections/default/query",
                    R"({"vectors": {"proxima_vector": {"vector": [1, 0]}}, "topk": 1})"),
            R"(0 [{"id":"a","fields":{},"score":0}])");
}

// Bodies as the official client for Python sends them.
TEST(Api, the_official_client_is_understood) {
  TestApi api;
  EXPECT_EQ(api.ask("POST", "/v1/collections",
                    R"({"name": "quick", "fields_schema": {"name": "STRING"}, "vectors_schema":
                        {"": {"dimension": 2, "dtype": "FLOAT", "metric": "euclidean",
                        "quantize_type": ""}}, "dimension": 0, "dtype": "FLOAT", "metric":
                        "euclidean", "sparse_vectors_schema": {}, "extra_params": {},
                        "indexes": {}})"),
            "0");
  const std::string path = "/v1/collections/quick";
  EXPECT_EQ(api.ask("POST", path + "/docs/upsert",
                    R"({"partition": null, "docs": [{"id": "1", "vector": [1.0, 0.5],
                        "fields": {"name": "one"}, "score": 0.0}]})"),
            R"(0 [{"doc_op":"insert","id":"1","code":0,"message":""}])");
  const std::string found =
      api.ask("POST", path + "/query",
              R"({"topk": 2, "include_vector": true, "vectors": {"proxima_vector":
                  {"vector": [1.0, 0.5]}}, "sparse_vectors": {}, "output_fields": []})");
  // How the score is rounded is the compiler's business.
  const std::string document =
      R"(0 [{"id":"1","vector":[1.0,0.5],"fields":{"name":"one"},"score":)";
  EXPECT_EQ(found.substr(0, document.size()), document);
}

TEST(Api, clients_ask_for_the_version_first) {
  TestApi api;
  EXPECT_EQ(handle(*api.database, {"GET", "/service_version", "", "r"}).body,
            R"({"request_id":"r","code":0,"message":"Success","version":"1.0.0"})");
}

TEST(Api, what_makes_no_sense_is_refused_with_its_reason) {
  TestApi api;
  const auto query = [&](const char* body) {
    return api.ask("POST", "/v1/collections/default/query", body);
  };
  api.ask("POST", "/v1/collections/default/docs", R"({"docs": [{"id": "a", "vector": [1, 0]}]})");
  EXPECT_EQ(query("{"), "-2047 line 1, column 2: the text ends early");
  EXPECT_EQ(query("[]"), "-2047 the body is no object");
  EXPECT_EQ(query(R"({"vector": [1, 0, 0]})"),
            "-2019 the vector has 3 dimensions, collection default has 2");
  EXPECT_EQ(query(R"({"vector": ["x", 0]})"),
            "-2011 a component of a vector is no number in range");
  EXPECT_EQ(query(R"({"vector": [1e400, 0]})"),
            "-2011 a component of a vector is no number in range");
  EXPECT_EQ(query(R"({"vector": [1e39, 0]})"),
            "-2014 a component of the vector is not a number in range");
  EXPECT_EQ(query(R"({"vector": [0, 0]})"),
            "-2014 a vector of zeros has no direction, so it has no cosine");
  EXPECT_EQ(query(R"({"vector": [1, 0], "id": "a"})"),
            "-2973 a query has a vector or an id, not both");
  EXPECT_EQ(query(R"({"id": "b"})"), "-2024 there is no document b");
  EXPECT_EQ(query(R"({"vector": [1, 0], "topk": 0})"), "-2041 topk is no whole number above 0");
  EXPECT_EQ(query(R"({"vector": [1, 0], "topk": 101, "include_vector": true})"),
            "-2041 topk is not in 1\u2026100");
  EXPECT_EQ(query(R"({"vector": [1, 0], "filter": "age >"})"),
            "-2015 filter, character 6: expected a text in quotes, a number, true or false");
  EXPECT_EQ(query(R"({"sparse_vector": {"1": 0.5}})"), "-2031 there are no sparse vectors here");
  EXPECT_EQ(api.ask("POST", "/v1/collections/default/docs",
                    R"({"docs": [{"id": "a b", "vector": [1, 0]}]})"),
            R"(0 [{"doc_op":"insert","id":"a b","code":-2016,"message":"the id of a document has )"
            R"(1 to 64 letters, digits or _ - ! @ # $ % + = ."}])");
  EXPECT_EQ(api.ask("POST", "/v1/collections/a%2Fb/docs", R"({"docs": [{"vector": [1, 0]}]})"),
            "-2042 the name of a collection has 3 to 32 letters, digits, _ or -");
  EXPECT_EQ(api.ask("GET", "/v1/other"),
            "404 -2999 the vector service does not serve GET /v1/other");
  EXPECT_EQ(api.ask("PATCH", "/v1/collections/default"),
            "405 -2999 the vector service does not serve PATCH /v1/collections/default");
}

}  // namespace
}  // namespace mynah::vector
