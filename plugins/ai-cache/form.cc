// SPDX-License-Identifier: Apache-2.0
// Which form a path asks for.
#include "form.h"

#include "base/text.h"

Form form_of(std::string_view path) {
  const std::string_view place = mynah::cut(path, "?").before;
  if (place.ends_with("responses")) return Form::responses;
  return place.ends_with("messages") ? Form::messages : Form::chat;
}

std::string_view name_of(Form form) {
  switch (form) {
    case Form::chat:
      return "chat";
    case Form::responses:
      return "responses";
    case Form::messages:
      return "messages";
  }
  return "";
}
