// SPDX-License-Identifier: Apache-2.0
// Goal: heads, bodies and trailers pass the filters in order, stop where a filter stops them, and
// go on whole. Method: filters that answer from a list and write down what they were shown.
#include "gateway/chain.h"

#include <deque>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace mynah {
namespace {

using abi::BodyAction;
using abi::HeadersAction;
using abi::TrailersAction;

// Answers what the test has queued, otherwise "continue"; appends a line to `seen` for each call.
class Scripted final : public Filter {
 public:
  Scripted(std::string name, Chain& chain, std::vector<std::string>& seen)
      : name_(std::move(name)), chain_(chain), seen_(seen), place_(chain.size()) {}

  Result<HeadersAction> on_headers(Direction direction, End end) override {
    note(direction, end == End::yes ? "head." : "head");
    if (fails) return Error{Errc::plugin_fault, "trapped"};
    return take(head_answers, HeadersAction::continue_iteration);
  }
  Result<BodyAction> on_body(Direction direction, End end) override {
    SliceChain* body = chain_.body_of(place_, direction);
    note(direction, (body == nullptr ? "-" : body->copy()) + (end == End::yes ? "." : ""));
    if (body != nullptr && !replacement.empty()) body->replace(0, body->size(), replacement);
    if (fails) return Error{Errc::plugin_fault, "trapped"};
    return take(body_answers, BodyAction::continue_iteration);
  }
  Result<TrailersAction> on_trailers(Direction direction) override {
    note(direction, "trailers");
    return take(trailer_answers, TrailersAction::continue_iteration);
  }
  [[nodiscard]] bool wants_body(Direction) const override { return sees_bodies; }
  [[nodiscard]] OnFailure on_failure() const override { return failure; }
  [[nodiscard]] Duration patience() const override { return 1min; }
  [[nodiscard]] std::string name() const override { return name_; }

  std::deque<HeadersAction> head_answers;
  std::deque<BodyAction> body_answers;
  std::deque<TrailersAction> trailer_answers;
  std::string replacement;
  bool sees_bodies = true;
  bool fails = false;
  OnFailure failure = OnFailure::open;

 private:
  void note(Direction direction, const std::string& what) {
    seen_.push_back(name_ + (direction == Direction::request ? ">" : "<") + what);
  }
  template <class Answer>
  static Answer take(std::deque<Answer>& answers, Answer otherwise) {
    if (answers.empty()) return otherwise;
    const Answer answer = answers.front();
    answers.pop_front();
    return answer;
  }

  std::string name_;
  Chain& chain_;
  std::vector<std::string>& seen_;
  std::size_t place_;
};

class ChainTest : public testing::Test, private ChainWatcher {
 protected:
  Scripted& add(const std::string& name) {
    auto filter = std::make_unique<Scripted>(name, chain, seen);
    Scripted& added = *filter;
    chain.add(std::move(filter));
    return added;
  }
  void body(Direction direction, std::string_view text, End end) {
    chain.body(direction, SliceChain(Slice::copy_of(text)), end);
  }
  std::string out(Direction direction) {
    std::string text = chain.output(direction).copy();
    if (chain.ended(direction)) text += ".";
    return text;
  }

  std::vector<std::string> seen;
  std::vector<std::string> failures;
  Chain chain{*this, 100};

 private:
  void chain_changed() override {}
  void filter_failed(const Filter& filter, const Error&) override {
    failures.push_back(filter.name());
  }
};

TEST_F(ChainTest, RequestsPassInOrderAndResponsesInTheOppositeOrder) {
  add("a");
  add("b");

  chain.head(Direction::request, End::yes);
  chain.head(Direction::response, End::yes);

  EXPECT_EQ(seen, (std::vector<std::string>{"a>head.", "b>head.", "b<head.", "a<head."}));
  EXPECT_TRUE(chain.passed(Direction::request));
  EXPECT_TRUE(chain.passed(Direction::response));
}

TEST_F(ChainTest, AHeadThatIsStoppedForItsBodyGoesOnWithAllThatWasGathered) {
  Scripted& a = add("a");
  add("b");
  a.head_answers = {HeadersAction::stop_iteration};
  a.body_answers = {BodyAction::stop_and_buffer, BodyAction::continue_iteration};

  chain.head(Direction::request, End::no);
  body(Direction::request, "one ", End::no);
  EXPECT_FALSE(chain.passed(Direction::request));
  body(Direction::request, "two", End::yes);

  EXPECT_EQ(seen,
            (std::vector<std::string>{"a>head", "a>one ", "a>one two.", "b>head", "b>one two."}));
  EXPECT_EQ(out(Direction::request), "one two.");
}

TEST_F(ChainTest, AStopOfEverythingShowsNothingUntilItIsResumed) {
  Scripted& a = add("a");
  a.head_answers = {HeadersAction::stop_all_and_watermark};

  chain.head(Direction::request, End::no);
  EXPECT_FALSE(chain.wants_more(Direction::request));
  body(Direction::request, "early", End::yes);
  EXPECT_EQ(seen, (std::vector<std::string>{"a>head"}));
  chain.resume(0, Direction::request);

  EXPECT_EQ(seen, (std::vector<std::string>{"a>head", "a>early."}));
  EXPECT_TRUE(chain.passed(Direction::request));
  EXPECT_EQ(out(Direction::request), "early.");
}

TEST_F(ChainTest, AHeadWithoutABodyIsResumedWithoutOne) {
  Scripted& a = add("a");
  a.head_answers = {HeadersAction::stop_all_and_buffer};

  chain.head(Direction::request, End::yes);
  chain.resume(0, Direction::request);

  EXPECT_TRUE(chain.passed(Direction::request));
  EXPECT_TRUE(chain.ended(Direction::request));
}

TEST_F(ChainTest, ABodyThatIsHeldGoesOnAtOnceWhenItIsResumed) {
  Scripted& a = add("a");
  a.body_answers = {BodyAction::stop_and_buffer};
  chain.head(Direction::request, End::yes);
  chain.head(Direction::response, End::no);

  body(Direction::response, "piece", End::no);
  EXPECT_EQ(out(Direction::response), "");
  chain.resume(0, Direction::response);

  EXPECT_EQ(out(Direction::response), "piece");
  body(Direction::response, " more", End::yes);
  EXPECT_EQ(out(Direction::response), "piece more.");
}

TEST_F(ChainTest, AFilterReplacesWhatItIsShown) {
  Scripted& a = add("a");
  add("b");
  a.replacement = "other";

  chain.head(Direction::request, End::no);
  body(Direction::request, "text", End::yes);

  EXPECT_EQ(seen.back(), "b>other.");
  EXPECT_EQ(out(Direction::request), "other.");
}

TEST_F(ChainTest, APieceCanBeDropped) {
  Scripted& a = add("a");
  a.body_answers = {BodyAction::stop_no_buffer, BodyAction::continue_iteration};

  chain.head(Direction::request, End::no);
  body(Direction::request, "gone", End::no);
  body(Direction::request, "kept", End::yes);

  EXPECT_EQ(out(Direction::request), "kept.");
}

TEST_F(ChainTest, TrailersComeAfterWhatWasHeldForTheBody) {
  Scripted& a = add("a");
  a.body_answers = {BodyAction::stop_and_buffer};

  chain.head(Direction::request, End::no);
  body(Direction::request, "held", End::no);
  chain.trailers(Direction::request);

  EXPECT_EQ(out(Direction::request), "held.");
  EXPECT_TRUE(chain.trailers_passed(Direction::request));
}

TEST_F(ChainTest, StoppedTrailersHoldTheEndBack) {
  Scripted& a = add("a");
  a.trailer_answers = {TrailersAction::stop_iteration};

  chain.head(Direction::request, End::no);
  body(Direction::request, "text", End::no);
  chain.trailers(Direction::request);
  EXPECT_EQ(out(Direction::request), "text");
  chain.resume(0, Direction::request);

  EXPECT_EQ(out(Direction::request), "text.");
}

TEST_F(ChainTest, AnAnswerStopsTheRequestAndPassesThoseWhoSawIt) {
  add("a");
  Scripted& b = add("b");
  add("c");
  b.head_answers = {HeadersAction::stop_all_and_watermark};

  chain.head(Direction::request, End::no);
  chain.respond(1, {});
  EXPECT_TRUE(chain.answer().has_value());
  chain.head(Direction::response, End::yes);

  EXPECT_EQ(seen, (std::vector<std::string>{"a>head", "b>head", "b<head.", "a<head."}));
  EXPECT_FALSE(chain.passed(Direction::request));
  chain.resume(1, Direction::request);
  EXPECT_FALSE(chain.passed(Direction::request));
}

TEST_F(ChainTest, AFilterThatFailsOpenIsTakenOutAndWhatItHeldGoesOn) {
  Scripted& a = add("a");
  add("b");
  a.head_answers = {HeadersAction::stop_iteration};
  a.body_answers = {BodyAction::stop_and_buffer};
  chain.head(Direction::request, End::no);
  body(Direction::request, "one ", End::no);

  a.fails = true;
  body(Direction::request, "two", End::yes);

  EXPECT_EQ(out(Direction::request), "one two.");
  EXPECT_EQ(failures, (std::vector<std::string>{"a"}));
  EXPECT_FALSE(chain.failure().has_value());
}

TEST_F(ChainTest, AFilterThatFailsClosedEndsTheExchange) {
  Scripted& a = add("a");
  a.fails = true;
  a.failure = Filter::OnFailure::closed;

  chain.head(Direction::request, End::yes);

  ASSERT_TRUE(chain.failure().has_value());
  EXPECT_EQ(chain.failure()->filter, "a");
  EXPECT_FALSE(chain.passed(Direction::request));
}

TEST_F(ChainTest, AFailureFromOutsideAPhaseLetsAHeldHeadGoOn) {
  Scripted& a = add("a");
  a.head_answers = {HeadersAction::stop_all_and_watermark};
  chain.head(Direction::request, End::yes);

  chain.fail(0, Error{Errc::plugin_fault, "the machine ended"});

  EXPECT_TRUE(chain.passed(Direction::request));
}

TEST_F(ChainTest, AGatheredBodyHasALimit) {
  Scripted& a = add("a");
  a.body_answers = {BodyAction::stop_and_buffer, BodyAction::stop_and_buffer};
  chain.head(Direction::request, End::no);

  body(Direction::request, std::string(60, 'x'), End::no);
  body(Direction::request, std::string(60, 'x'), End::no);

  ASSERT_TRUE(chain.failure().has_value());
  EXPECT_EQ(chain.failure()->kind, ChainFailure::Kind::body_too_large);
}

TEST_F(ChainTest, BodiesThatNobodyWantsAreNotShown) {
  Scripted& a = add("a");
  a.sees_bodies = false;

  chain.head(Direction::request, End::no);
  body(Direction::request, "text", End::yes);

  EXPECT_EQ(seen, (std::vector<std::string>{"a>head"}));
  EXPECT_EQ(out(Direction::request), "text.");
}

TEST_F(ChainTest, InjectedBytesGoToThoseBehindTheFilter) {
  add("a");
  add("b");
  chain.head(Direction::request, End::yes);
  chain.head(Direction::response, End::no);

  chain.inject_response(1, "extra", End::no);

  EXPECT_EQ(seen.back(), "a<extra");
  EXPECT_EQ(out(Direction::response), "extra");
}

}  // namespace
}  // namespace mynah
