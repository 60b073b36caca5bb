// One step of a history, and a whole history from a seed. A history is made from the model alone, before anything runs:
// so the same seed is the same history whatever the server does, and one with steps left out is still a history.
#ifndef LMP_TESTS_RANDOM_STEP_H_
#define LMP_TESTS_RANDOM_STEP_H_

#include <google/protobuf/message.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/engine/write_engine.h"
#include "tests/random/model.h"

namespace lmp::random_test {

using MessagePtr = std::shared_ptr<google::protobuf::Message>;

// Chance that is the same everywhere for one seed: the standard's distributions are not.
class Dice final {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}
  int To(int n) { return static_cast<int>(engine_() % static_cast<uint64_t>(n)); }  // 0 to n - 1
  int Between(int from, int to) { return from + To(to - from + 1); }
  bool OneIn(int n) { return To(n) == 0; }
  template <class T>
  const T& Pick(const std::vector<T>& list) {
    return list[static_cast<size_t>(To(static_cast<int>(list.size())))];
  }

 private:
  std::mt19937_64 engine_;
};

// Who asks: the administrator, unless said otherwise.
struct Caller {
  std::string actor = "tester";
  std::string role = "ADMIN";
  std::string partner, customer;  // what it is bound to, one of them at most

  bool bound() const { return !partner.empty() || !customer.empty(); }
};

// One RPC: how to make a request of it, what the rules say of that, and the server's mutation for it.
struct Verb {
  std::string method;
  int weight = 1;  // how often, compared with the others
  std::function<MessagePtr(Dice& dice, const World& world)> generate;
  std::function<void(const google::protobuf::Message& request, World& world, Verdict& verdict)> predict;
  // From the table of RPCs (server/rpcs/rpc.h). `new_id` names what the request itself makes.
  std::function<absl::StatusOr<engine::Mutation>(const google::protobuf::Message& request, const std::string& new_id)>
      mutate;
  std::function<MessagePtr()> new_response;
};
const std::vector<Verb>& AllVerbs();
// Verbs that take something away for good: seldom, and late in a history.
const std::vector<Verb>& FinalVerbs();

struct Step {
  enum Kind {
    kRequest,
    kRepeat,  // the request of step `of` once more
    kReuse,   // a request with the request_id of step `of`
    kClock,   // time moves on to `now`
    kWorker,  // the time worker runs
  };
  enum Etag { kNone, kCurrent, kStale };
  int number = 0;  // in the whole history; names what the step makes
  Kind kind = kRequest;
  const Verb* verb = nullptr;
  MessagePtr request;
  Etag etag = kNone;
  absl::Duration moves;     // kClock
  Caller caller = {};       // kRequest, and the caller of kReuse and kRepeat is that of step `of`
  bool borrows_id = false;  // its request_id is that of the step before, which another caller has sent
  int of = 0;

  std::string Text() const;
};

// The world before the first step: a small catalog, no customers.
World FirstWorld(uint64_t seed);
// Decides as the server does: the request is carried out, pools are settled. A refusal leaves no trace. Time has
// passed.
Verdict Decide(const Verb& verb, const google::protobuf::Message& request, World& world);
// What a step does to the world if every request of it is answered as predicted.
void Imagine(const Step& step, World& world);
std::vector<Step> MakeHistory(uint64_t seed, int steps);

// "customers/…" that a request is about; "" if it is about none.
std::string CustomerOf(const google::protobuf::Message& request);
// The field of a request's or its resource's that holds an etag; `message` becomes what holds it. None: nullptr.
const google::protobuf::FieldDescriptor* EtagField(google::protobuf::Message*& message);
void SetText(google::protobuf::Message& message, const std::string& field, const std::string& value);

}  // namespace lmp::random_test

#endif  // LMP_TESTS_RANDOM_STEP_H_
