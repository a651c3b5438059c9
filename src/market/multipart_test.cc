// SPDX-License-Identifier: Apache-2.0
// Forms that are read, and things that look like forms.
#include "market/multipart.h"

#include <string>

#include <gtest/gtest.h>

#include "base/text.h"

namespace mynah::market {
namespace {

std::string part(std::string_view disposition, std::string_view content) {
  return cat("--B\r\nContent-Disposition: ", disposition, "\r\n\r\n", content, "\r\n");
}

TEST(MultipartTest, FieldsAndFilesAreReadAsTheyAre) {
  const std::string body = cat(part(R"(form-data; name="id")", "hello"),
                               part(R"(form-data; name="wasm"; filename="a \"b\".wasm")",
                                    std::string_view("\0asm\r\n--C", 9)),
                               part(R"(form-data; name="empty")", ""), "--B--\r\n");

  const auto parts = read_form(body, "B");

  ASSERT_TRUE(parts.ok()) << parts.error().what;
  ASSERT_EQ(parts->size(), 3u);
  EXPECT_EQ((*parts)[0].name, "id");
  EXPECT_EQ((*parts)[0].content, "hello");
  EXPECT_EQ((*parts)[1].file_name, "a \"b\".wasm");
  EXPECT_EQ((*parts)[1].content, std::string_view("\0asm\r\n--C", 9));
  EXPECT_EQ((*parts)[2].content, "");
}

TEST(MultipartTest, WhatIsNoFormIsRefused) {
  const std::string good = part(R"(form-data; name="a")", "1");
  for (const std::string& body :
       {std::string(), std::string("--B"), cat("x", good, "--B--"), good, cat(good, "--B-"),
        cat(good, "--B-- and more"), cat("--B \r\n", good), std::string("--B\r\n\r\n\r\n--B--"),
        cat(part("form-data", "1"), "--B--"), cat(part("attachment; name=\"a\"", "1"), "--B--"),
        cat(part("form-data; name=a", "1"), "--B--"),
        cat(part(R"(form-data; name="a"; name="b")", "1"), "--B--"),
        cat(part("form-data; name=\"a", "1"), "--B--"),
        cat("--B\r\nContent-Transfer-Encoding: base64\r\n"
            "Content-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B--")}) {
    EXPECT_FALSE(read_form(body, "B").ok()) << body;
  }
}

TEST(MultipartTest, LimitsHold) {
  std::string many;
  for (int i = 0; i < 33; ++i) many += part(R"(form-data; name="a")", "1");

  EXPECT_EQ(read_form(many + "--B--", "B").error().code, Errc::too_large);
  const std::string long_name = cat("form-data; name=\"", std::string(5'000, 'a'), "\"");
  EXPECT_FALSE(read_form(part(long_name, "1") + "--B--", "B").ok());
}

TEST(MultipartTest, TheBoundaryIsThatOfTheContentType) {
  EXPECT_EQ(*form_boundary("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(*form_boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a-b\""), "a-b");
  EXPECT_EQ(form_boundary("application/json").error().code, Errc::unsupported);
  EXPECT_FALSE(form_boundary("multipart/form-data").ok());
  EXPECT_FALSE(form_boundary("multipart/form-data; boundary=").ok());
  EXPECT_FALSE(form_boundary(cat("multipart/form-data; boundary=", std::string(71, 'a'))).ok());
}

}  // namespace
}  // namespace mynah::market
