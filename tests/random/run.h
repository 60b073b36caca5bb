// Runs a history on the server and the model side by side, and compares them after each step.
#ifndef LMP_TESTS_RANDOM_RUN_H_
#define LMP_TESTS_RANDOM_RUN_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/random/cached_checks.h"
#include "tests/random/history_check.h"
#include "tests/random/step.h"
#include "tests/random/system.h"
#include "tests/random/twin.h"

namespace lmp::random_test {

struct Failure {
  int step = 0;
  std::string kind;  // what is not as it must be, in a word or two: shrinking keeps it
  std::string text;
};

struct Statistics {
  int64_t steps = 0, accepted = 0, refused = 0, events = 0;
  std::map<std::string, std::map<std::string, int64_t>> answers;  // by method and reason ("" accepted)
  std::map<std::string, int64_t> plays;                           // what is worth having happened often
  void Add(const Statistics& other);
  // Plays that are worth happening often, and verbs, that did not happen once.
  std::vector<std::string> NeverPlayed() const;
};

class Run final {
 public:
  // With a twin: it is asked the same, see twin.h.
  Run(System& system, uint64_t seed, System* twin = nullptr) : system_(system), twin_(system, twin), seed_(seed) {}

  // None if all went as it must.
  std::optional<Failure> Play(const std::vector<Step>& steps);
  const Statistics& statistics() const { return statistics_; }

 private:
  struct Sent {
    Caller caller;
    const Verb* verb;
    MessagePtr request;
    std::string response;
  };

  // The preview of a step, shown before the step that comes before it.
  struct Held {
    std::string token, shown;
  };

  void Do(const Step& step);
  // tokens.cc: a preview of the step now; what its answer has as the token; what a token of before is worth when it is
  // time.
  absl::StatusOr<engine::Answer> Preview(const Step& step, const google::protobuf::Message& request);
  static std::string TokenOf(const Verb& verb, const std::string& response);
  void Hold(const Step& next);
  void CheckHeld(const Step& step, const Held& held);
  void DoRequest(const Step& step);
  void Repeat(const Step& step);
  void Reuse(const Step& step);
  void RunWorker();
  void Note(const Step& step, const google::protobuf::Message& request, const World& before, bool accepted);
  // The request as it is sent: with its request_id and etag.
  MessagePtr Prepare(const Step& step);
  void SetCurrentEtag(google::protobuf::Message& request);
  void SetPoolEtag(google::protobuf::Message& holder);
  void CompareReplies(const Verb& verb, const absl::StatusOr<engine::Answer>& preview,
                      const absl::StatusOr<engine::Answer>& live);
  // After a step: events, rows and model agree. `customer`: whose rows may have changed; "": nobody's.
  void CompareRows(const std::string& customer);
  void CompareReader(const std::string& customer);
  void ComparePools();
  void ExpectNothingHappened(const std::string& what);
  void Sweep();
  // run_callers.cc: one list and some reads of this caller, chosen by `seed`, against what is theirs.
  void CompareCaller(const Caller& caller, uint64_t seed);
  void CompareList(const Caller& caller, google::protobuf::Message& request, const std::string& method,
                   const std::set<std::string>& theirs);
  void CompareGet(const Caller& caller, const std::string& method, const std::string& name, bool theirs,
                  const std::string& reason);
  // What LicenseCache would answer: the same as the server, or nothing.
  void CompareCache();
  void CompareSnapshot();

  void Fail(const std::string& kind, const std::string& text) {
    if (!failure_.has_value()) failure_ = Failure{.step = world_.step, .kind = kind, .text = text};
  }
  template <class T>
  bool Ok(const absl::StatusOr<T>& result, const std::string& what) {
    if (!result.ok()) Fail("error", what + ": " + result.status().ToString());
    return result.ok();
  }

  System& system_;
  Twin twin_;
  const uint64_t seed_;
  World world_;
  HistoryCheck history_;
  std::optional<CachedChecks> cache_;
  std::map<int, Sent> sent_;  // accepted requests by step
  std::optional<Held> held_;  // of the next step
  Statistics statistics_;
  std::optional<Failure> failure_;
};

}  // namespace lmp::random_test

#endif  // LMP_TESTS_RANDOM_RUN_H_
