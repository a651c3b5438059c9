// SPDX-License-Identifier: Apache-2.0
// Forms as browsers and curl send files: multipart/form-data (RFC 7578), read strictly. What is not
// exactly a form is refused with the place.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mynah::market {

struct FormPart {
  std::string name;
  std::string file_name;     // Empty: a plain field.
  std::string_view content;  // tidy: allow string_view: part of the body that was read
};

struct FormLimits {
  std::size_t parts = 32;
  std::size_t header_bytes = 4'096;  // Of all headers of a part.
};

// The boundary of a content type that is multipart/form-data.
Result<std::string> form_boundary(std::string_view content_type);

// The parts of the body, which outlives them. Errc::too_large over a limit.
Result<std::vector<FormPart>> read_form(std::string_view body, std::string_view boundary,
                                        const FormLimits& limits = {});

}  // namespace mynah::market
