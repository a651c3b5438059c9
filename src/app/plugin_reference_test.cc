// SPDX-License-Identifier: Apache-2.0
// The reference page of a plug-in, from an identity as the SDK writes it.
#include "app/plugin_reference.h"

#include <gtest/gtest.h>

namespace mynah {
namespace {

TEST(ReferencePage, lists_every_field_with_type_default_and_meaning) {
  const auto identity = Json::parse(R"({"id": "quota", "name": "Quota",
    "description": "Limits users.", "version": "1.0.0", "stage": "authz", "priority": 100,
    "min_gateway_version": "0.1.0", "schema": {"type": "object", "properties": {
      "requests": {"description": "how many", "type": "integer", "minimum": 1, "maximum": 9},
      "mode": {"description": "what | how", "type": "string", "enum": ["open", "closed"],
               "default": "open", "x-aliases": ["way"]},
      "key": {"description": "the key", "type": "string", "writeOnly": true},
      "stores": {"description": "where", "type": "object", "additionalProperties": {
        "type": "object", "properties": {
          "name": {"description": "its name", "type": "string", "minLength": 1}},
        "required": ["name"], "additionalProperties": false}},
      "limits": {"description": "each", "type": "array", "maxItems": 2, "items": {
        "type": "object", "properties": {
          "window": {"description": "the time", "type": "integer", "default": 5}}}}},
    "required": ["requests"], "additionalProperties": false}})");
  ASSERT_TRUE(identity) << identity.error().what;

  EXPECT_EQ(reference_page(identity->root()), R"(# Quota

Limits users.

`quota` 1.0.0, stage authz, priority 100, for gateways from 0.1.0.

| field | what it may be | default | meaning |
|---|---|---|---|
| `requests` | integer, 1 to 9 | required | how many |
| `mode` | "open", "closed" | "open" | what \| how; also `way` |
| `key` | secret |  | the key |
| `stores` | object of object |  | where |
| `stores.*.name` | string, at least 1 bytes | required | its name |
| `limits` | list of object, at most 2 entries |  | each |
| `limits[].window` | integer | 5 | the time |
)");
}

TEST(ReferencePage, says_that_there_is_nothing_to_configure) {
  const auto identity = Json::parse(R"({"id": "a", "name": "A", "description": "B.", "version":
    "1.0.0", "stage": "default", "priority": 1, "min_gateway_version": "0.1.0",
    "schema": {"type": "object", "properties": {}}})");

  EXPECT_TRUE(reference_page(identity->root()).ends_with("\nThere is nothing to configure.\n"));
}

}  // namespace
}  // namespace mynah
