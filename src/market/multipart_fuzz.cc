// SPDX-License-Identifier: Apache-2.0
// Forms: whatever is read lies inside the body, in order, and reads the same when it is written
// again.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "base/text.h"
#include "market/multipart.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mynah;
  const std::string body(reinterpret_cast<const char*>(data), size);
  market::form_boundary(body).ignore();  // Nothing but an error or a boundary comes of it.
  const auto parts = market::read_form(body, "B");
  if (!parts) return 0;
  std::string again;
  const char* last = body.data();
  for (const market::FormPart& part : *parts) {
    MYNAH_CHECK(part.content.data() >= last);
    last = part.content.data() + part.content.size();
    MYNAH_CHECK(last <= body.data() + body.size());
    append(again, "--B\r\ncontent-disposition: form-data; name=\"x\"\r\n\r\n", part.content,
           "\r\n");
  }
  append(again, "--B--");
  const auto read = market::read_form(again, "B");
  MYNAH_CHECK(read.ok() && read->size() == parts->size());
  for (std::size_t i = 0; i < read->size(); ++i) {
    MYNAH_CHECK((*read)[i].content == (*parts)[i].content);
  }
  return 0;
}
