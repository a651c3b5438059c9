// SPDX-License-Identifier: Apache-2.0
// The commands that a connection answers by itself; all others go to the store or, after MULTI,
// into the queue.
#include "store/session.h"

#include "base/secret.h"
#include "base/text.h"
#include "store/command.h"
#include "store/numbers.h"

namespace mynah::store {
namespace {

constexpr std::string_view kNotRight =
    "WRONGPASS invalid username-password pair or user is disabled.";

Resp wrong_count(std::string_view command) {
  return err(cat("ERR wrong number of arguments for '", command, "' command"));
}

}  // namespace

bool Session::is_right(std::string_view user, std::string_view password) const {
  if (options_.password.empty()) return user == options_.user;
  return same_secret(user, options_.user) && same_secret(password, options_.password);
}

Resp Session::execute(Store::Words words) {
  if (words.empty()) return err("ERR empty command");
  const std::string_view name = words[0];
  if (is_word(name, "auth")) return auth(words);
  if (is_word(name, "hello")) return hello(words);
  if (is_word(name, "quit")) {
    over_ = true;
    return Resp::ok();
  }
  if (!trusted_) return err("NOAUTH Authentication required.");
  if (is_word(name, "multi")) return words.size() == 1 ? multi() : wrong_count("multi");
  if (is_word(name, "exec")) return words.size() == 1 ? exec() : wrong_count("exec");
  if (is_word(name, "discard")) return words.size() == 1 ? discard() : wrong_count("discard");
  if (is_word(name, "reset")) {
    end_transaction();
    version_ = RespVersion::resp2;
    trusted_ = options_.password.empty();
    name_.clear();
    return Resp::status("RESET");
  }
  if (is_word(name, "client")) return client(words);
  return gathering_ ? queue(words) : store_.execute(words);
}

Resp Session::auth(Store::Words words) {
  if (words.size() < 2) return wrong_count("auth");
  if (words.size() > 3) return syntax_error();
  if (words.size() == 2 && options_.password.empty()) {
    return err(
        "ERR AUTH <password> called without any password configured for the default user. Are you "
        "sure your "
        "configuration is correct?");
  }
  const bool named = words.size() == 3;
  if (!is_right(named ? words[1] : std::string_view(options_.user), words[named ? 2 : 1]))
    return err(kNotRight);
  trusted_ = true;
  return Resp::ok();
}

Resp Session::hello(Store::Words words) {
  RespVersion version = version_;
  if (words.size() > 1) {
    const auto number = parse_integer(words[1]);
    if (!number) return err("ERR Protocol version is not an integer or out of range");
    if (*number != 2 && *number != 3) return err("NOPROTO unsupported protocol version");
    version = *number == 2 ? RespVersion::resp2 : RespVersion::resp3;
  }
  bool trusted = trusted_;
  std::string name = name_;
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (is_word(words[i], "auth") && i + 2 < words.size()) {
      if (!is_right(words[i + 1], words[i + 2])) return err(kNotRight);
      trusted = true;
      i += 2;
    } else if (is_word(words[i], "setname") && i + 1 < words.size()) {
      name = words[++i];
    } else {
      return err(cat("ERR Syntax error in HELLO option '", words[i], "'"));
    }
  }
  if (!trusted) {
    return err(
        "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO "
        "<proto> AUTH <user> "
        "<pass> option can be used to authenticate the client and select the RESP protocol version "
        "at the same time");
  }
  trusted_ = trusted;
  version_ = version;
  name_ = std::move(name);
  return Resp::map(
      {Resp::bulk("server"), Resp::bulk("redis"), Resp::bulk("version"), Resp::bulk("7.0.15"),
       Resp::bulk("proto"), Resp::number(version_ == RespVersion::resp3 ? 3 : 2), Resp::bulk("id"),
       Resp::number(1), Resp::bulk("mode"), Resp::bulk("standalone"), Resp::bulk("role"),
       Resp::bulk("master"), Resp::bulk("modules"), Resp::array()});
}

Resp Session::client(Store::Words words) {
  if (words.size() < 2) return wrong_count("client");
  if (is_word(words[1], "setname") && words.size() == 3) {
    name_ = words[2];
    return Resp::ok();
  }
  if (is_word(words[1], "getname") && words.size() == 2) {
    return name_.empty() ? Resp::null() : Resp::bulk(name_);
  }
  if (is_word(words[1], "id") && words.size() == 2) return Resp::number(1);
  if (is_word(words[1], "setinfo") && words.size() == 4) return Resp::ok();
  return err(cat("ERR unknown subcommand '", words[1], "'. Try CLIENT HELP."));
}

Resp Session::multi() {
  if (gathering_) return err("ERR MULTI calls can not be nested");
  gathering_ = true;
  return Resp::ok();
}

// A command that cannot be right spoils the transaction at once, as in Redis.
Resp Session::queue(Store::Words words) {
  const Command* command = find_command(words[0]);
  std::optional<Resp> refusal;
  if (command == nullptr) {
    refusal = unknown_command(words);
  } else {
    refusal = check_arity(*command, words);
  }
  std::size_t bytes = 0;
  for (const std::string_view word : words) bytes += word.size();
  if (!refusal && (queued_.size() >= kQueuedMax || queued_bytes_ + bytes > kQueuedBytesMax)) {
    refusal = err("OOM too much is queued in one transaction");
  }
  if (refusal) {
    spoilt_ = true;
    return *std::move(refusal);
  }
  queued_.emplace_back(words.begin(), words.end());
  queued_bytes_ += bytes;
  return Resp::status("QUEUED");
}

Resp Session::exec() {
  if (!gathering_) return err("ERR EXEC without MULTI");
  const bool spoilt = spoilt_;
  const auto queued = std::move(queued_);
  end_transaction();
  if (spoilt) return err("EXECABORT Transaction discarded because of previous errors.");
  return Resp::array(store_.execute_together(queued));
}

Resp Session::discard() {
  if (!gathering_) return err("ERR DISCARD without MULTI");
  end_transaction();
  return Resp::ok();
}

void Session::end_transaction() {
  gathering_ = false;
  spoilt_ = false;
  queued_.clear();
  queued_bytes_ = 0;
}

}  // namespace mynah::store
