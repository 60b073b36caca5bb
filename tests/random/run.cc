#include "tests/random/run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "server/domain/refusal.h"
#include "tests/random/callers.h"
#include "tests/random/compare.h"

namespace lmp::random_test {
namespace {

using google::protobuf::Message;
using Reply = absl::StatusOr<engine::Answer>;

constexpr int kStepsBetweenSweeps = 40;
constexpr int kCallersOfASweep = 6;

std::string RequestId(uint64_t seed, int step) {
  return absl::StrFormat("%08x-0000-4000-8000-%012d", static_cast<uint32_t>(seed), step);
}

std::string ReasonOf(const Reply& reply) {
  if (reply.ok()) return "";
  const std::string reason = domain::RefusalOf(reply.status()).reason;
  return reason.empty() ? reply.status().ToString() : reason;
}

// The first of them, a line each.
std::string Lines(std::vector<std::string> list) {
  constexpr size_t kMost = 12;
  if (list.size() > kMost) {
    list[kMost - 1] = absl::StrCat("and ", list.size() - kMost + 1, " more");
    list.resize(kMost);
  }
  return absl::StrJoin(list, "\n     ");
}

bool Succeeds(const Reply& reply) { return reply.ok(); }

}  // namespace

void Statistics::Add(const Statistics& other) {
  steps += other.steps;
  accepted += other.accepted;
  refused += other.refused;
  events += other.events;
  for (const auto& [play, count] : other.plays) plays[play] += count;
  for (const auto& [method, reasons] : other.answers) {
    for (const auto& [reason, count] : reasons) answers[method][reason] += count;
  }
}

std::optional<Failure> Run::Play(const std::vector<Step>& steps) {
  failure_.reset();
  sent_.clear();
  held_.reset();
  history_ = HistoryCheck();
  world_ = FirstWorld(seed_);
  for (const absl::Status& started : {system_.Restart(world_), twin_.Restart(world_)}) {
    if (!started.ok()) Fail("error", "starting: " + started.ToString());
  }
  cache_.emplace();
  CompareRows("");
  int since_sweep = 0;
  for (size_t i = 0; i < steps.size() && !failure_.has_value(); ++i) {
    const Step& step = steps[i];
    const std::optional<Held> held = std::exchange(held_, std::nullopt);
    if (i + 1 < steps.size()) Hold(steps[i + 1]);
    world_.step = step.number;
    const Date before = world_.today();
    world_.now += step.kind == Step::kClock ? step.moves : absl::Seconds(1);
    system_.SetNow(world_.now);
    for (const auto& [id, product] : world_.products) {
      const bool came = product.end_of_life > before && product.end_of_life <= world_.today();
      statistics_.plays["ends of life that came"] += came ? 1 : 0;
    }
    const absl::Status moved = twin_.Move(world_.now);
    if (!moved.ok()) Fail("error", "the twin's time worker: " + moved.ToString());
    ApplyDue(world_);
    if (held.has_value()) CheckHeld(step, *held);
    Do(step);
    if (!failure_.has_value()) CompareCache();
    ++statistics_.steps;
    if (++since_sweep < kStepsBetweenSweeps) continue;
    since_sweep = 0;
    Sweep();
    if (!failure_.has_value()) CompareSnapshot();
  }
  if (!failure_.has_value()) Sweep();
  if (!failure_.has_value()) RunWorker();
  if (const auto wrong = twin_.CompareRows(); !failure_.has_value() && !wrong.empty())
    Fail("worker or not", Lines(wrong));
  statistics_.plays["answers and views compared with those of a server whose worker comes at once"] += twin_.compared();
  statistics_.events += history_.events();
  return failure_;
}

void Run::Do(const Step& step) {
  switch (step.kind) {
    case Step::kClock:
      return;
    case Step::kWorker:
      return RunWorker();
    case Step::kRepeat:
      return Repeat(step);
    case Step::kReuse:
      return Reuse(step);
    case Step::kRequest:
      return DoRequest(step);
  }
}

MessagePtr Run::Prepare(const Step& step) {
  MessagePtr request(step.request->New());
  request->CopyFrom(*step.request);
  SetText(*request, "request_id", RequestId(seed_, step.borrows_id ? step.number - 1 : step.number));
  if (step.etag == Step::kCurrent) SetCurrentEtag(*request);
  Message* holder = request.get();
  if (step.etag == Step::kStale && EtagField(holder) != nullptr) SetText(*holder, "etag", "stale");
  return request;
}

// An etag that was read is an etag that holds, whatever time did since the row was stored.
void Run::SetCurrentEtag(Message& request) {
  const std::string customer = CustomerOf(request);
  Message* holder = &request;
  if (EtagField(holder) != nullptr && customer.empty()) return SetPoolEtag(*holder);
  if (customer.empty() || EtagField(holder) == nullptr || !world_.customers.contains(IdsOf(customer).first)) return;
  const auto view = system_.Read(IdsOf(customer).first);
  if (!Ok(view, "reading")) return;
  std::string name = customer;
  if (const auto* field = holder->GetDescriptor()->FindFieldByName("name"); field != nullptr) {
    name = holder->GetReflection()->GetString(*holder, field);
  }
  if (const auto found = view->subscriptions.find(name); found != view->subscriptions.end()) {
    SetText(*holder, "etag", found->second.etag());
  } else if (const auto license = view->licenses.find(name); license != view->licenses.end()) {
    SetText(*holder, "etag", license->second.etag());
  } else if (name == customer) {
    SetText(*holder, "etag", view->customer.etag());
  }
}

void Run::SetPoolEtag(Message& holder) {
  const auto* field = holder.GetDescriptor()->FindFieldByName("name");
  const Key key = field == nullptr ? Key() : IdsOf(holder.GetReflection()->GetString(holder, field));
  if (!world_.pools.contains(key)) return;
  const auto pools = system_.ReadPools({key});
  if (Ok(pools, "reading pools") && pools->contains(key)) SetText(holder, "etag", pools->at(key).etag());
}

void Run::DoRequest(const Step& step) {
  const Verb& verb = *step.verb;
  const MessagePtr request = Prepare(step);
  const std::string customer = IdsOf(CustomerOf(*request)).first;

  World predicted = world_;
  Message* holder = request.get();
  const bool stale = step.etag == Step::kStale && EtagField(holder) != nullptr;
  Verdict verdict = DecideFor(step.caller, verb, *request, predicted);
  const bool hidden = step.caller.bound() && verdict.Allows("CUSTOMER_NOT_FOUND");  // who can't see it learns no etag
  const bool fresh_pool = verb.method == "AddLicensePoolUnits" && predicted.pools.size() > world_.pools.size();
  verdict.RefuseIf(stale && !fresh_pool && !hidden, "ETAG_MISMATCH");  // what is yet to be made has no etag

  const Reply preview = Preview(step, *request);
  // What was shown, and nothing else.
  if (Succeeds(preview)) SetText(*request, "preview_token", TokenOf(verb, preview->response));
  const Reply live = system_.Ask(step.caller, verb, *request, step.number);

  const std::string reason = ReasonOf(live);
  ++(Succeeds(live) ? statistics_.accepted : statistics_.refused);
  ++statistics_.answers[verb.method][reason];
  if (!verdict.Allows(reason)) {
    Fail(absl::StrCat("verdict on ", verb.method, ": ", Succeeds(live) ? "OK" : reason, ", not ", verdict.Text()),
         absl::StrCat("answered ", Succeeds(live) ? "OK" : live.status().ToString(), ", expected ", verdict.Text()));
    return;
  }
  if (const auto wrong = twin_.Ask(step, *request, live); !wrong.empty()) return Fail("worker or not", Lines(wrong));
  const World before = world_;
  if (Succeeds(live)) {
    world_ = std::move(predicted);
    sent_[step.number] = {step.caller, &verb, request, live->response};
  }
  CompareRows(Succeeds(live) ? customer : "");
  Note(step, *request, before, Succeeds(live));
  CompareReplies(verb, preview, live);
  if (Succeeds(live)) CompareReader(customer);
  ComparePools();
  if (step.caller.bound()) CompareCaller(step.caller, seed_ + static_cast<uint64_t>(step.number));
}

void Run::CompareReplies(const Verb& verb, const Reply& preview, const Reply& live) {
  if (preview.status() != live.status()) {
    return Fail("preview", absl::StrCat("the preview was answered ", preview.status().ToString(), ",\n     the call ",
                                        live.status().ToString()));
  }
  if (!Succeeds(live)) return;
  const MessagePtr foreseen = verb.new_response(), answered = verb.new_response();
  if (!foreseen->ParseFromString(preview->response) || !answered->ParseFromString(live->response)) {
    return Fail("preview", "an answer can't be read");
  }
  const std::vector<std::string> wrong = CompareWithPreview(world_, *foreseen, history_.changes_of_call());
  if (!wrong.empty()) return Fail("preview", Lines(wrong));
  const auto* changes = foreseen->GetDescriptor()->FindFieldByName("changes");
  if (changes == nullptr) return Fail("preview", "no changes in the response");
  foreseen->GetReflection()->ClearField(foreseen.get(), changes);
  SetText(*foreseen, "preview_token", "");
  // As text: the bytes of a map (in the details of a refusal) are in no order.
  if (foreseen->DebugString() == answered->DebugString()) return;
  Fail("preview", absl::StrCat("the preview was answered {", foreseen->ShortDebugString(), "},\n     the call {",
                               answered->ShortDebugString(), "}"));
}

void Run::ExpectNothingHappened(const std::string& what) {
  const auto events = system_.EventsAfter(history_.last_event());
  if (!Ok(events, "reading events")) return;
  if (!events->empty()) Fail("I4", absl::StrCat(what, " left an event: ", events->front().kind));
}

void Run::CompareRows(const std::string& customer) {
  const auto events = system_.EventsAfter(history_.last_event());
  if (!Ok(events, "reading events")) return;
  const std::vector<std::string> wrong_events = history_.Take(*events);
  if (!wrong_events.empty()) return Fail("I3", Lines(wrong_events));
  // Whatever the rows of a customer are, and what the events name.
  Selection selection;
  if (!customer.empty()) {
    selection = {.tables = {"customers", "subscriptions", "licenses", "scheduled_changes"}, .keys = {customer}};
  }
  for (const auto& [name, change] : history_.changes()) {
    selection.keys.insert(name.key1);
    selection.tables.insert(name.table);
  }
  if (selection.keys.empty()) return;
  const auto rows = system_.Load(selection);
  if (!Ok(rows, "reading rows")) return;
  const std::vector<std::string> different = history_.Compare(*rows, HistoryCheck::Which::kSome);
  if (!different.empty()) return Fail("I3", Lines(different));
  RawRows before;
  for (const auto& [name, change] : history_.changes()) {
    if (!change.created) before[name] = change.before;
  }
  const std::vector<std::string> broken = CheckLicenses(before, *rows, world_.today());
  if (!broken.empty()) return Fail("I1 or I5", Lines(broken));
  const std::vector<std::string> wrong = CompareWithRows(world_, selection, *rows);
  if (!wrong.empty()) return Fail("rows", Lines(wrong));
}

// I6: a reader sees the same whether or not somebody stored what time did.
void Run::CompareReader(const std::string& customer) {
  if (!world_.customers.contains(customer)) return;
  const auto view = system_.Read(customer);
  if (!Ok(view, "reading")) return;
  World now = world_;
  ApplyDue(now);
  const std::vector<std::string> wrong = CompareWithView(now, customer, *view);
  if (!wrong.empty()) Fail("reader", Lines(wrong));
}

void Run::ComparePools() {
  std::vector<Key> keys;
  for (const auto& [key, pool] : world_.pools) keys.push_back(key);
  const auto pools = system_.ReadPools(keys);
  if (!Ok(pools, "reading pools")) return;
  World now = world_;
  ApplyDue(now);
  const std::vector<std::string> wrong = CompareWithPools(now, *pools);
  if (!wrong.empty()) Fail("reader", Lines(wrong));
}

// I4: the same request_id with the same request gets the first answer and does nothing more.
void Run::Repeat(const Step& step) {
  const auto first = sent_.find(step.of);
  if (first == sent_.end()) return;
  const Sent& sent = first->second;
  const Reply reply = system_.Ask(sent.caller, *sent.verb, *sent.request, step.number);
  if (!Ok(reply, "repeating")) return;
  if (!reply->replayed || reply->response != first->second.response) {
    Fail("I4", absl::StrCat("step ", step.of, " sent again is answered otherwise"));
  }
  ExpectNothingHappened("a repeated request");
}

void Run::Reuse(const Step& step) {
  const auto first = sent_.find(step.of);
  if (first == sent_.end()) return;
  MessagePtr request(step.request->New());
  request->CopyFrom(*step.request);
  const Message& taken = *first->second.request;
  SetText(*request, "request_id",
          taken.GetReflection()->GetString(taken, taken.GetDescriptor()->FindFieldByName("request_id")));
  // Refused before anybody looks at its id.
  if (!step.verb->mutate(*request, IdOf(step.number, 25)).ok()) return;
  if (!Permits(first->second.caller, step.verb->method)) return;
  if (first->second.verb == step.verb && first->second.request->SerializeAsString() == request->SerializeAsString())
    return;
  const Reply reply = system_.Ask(first->second.caller, *step.verb, *request, step.number);
  if (ReasonOf(reply) != "REQUEST_ID_REUSED") {
    Fail("I4", absl::StrCat("the request_id of step ", step.of, " is taken again: ", reply.status().ToString()));
  }
  ExpectNothingHappened("a request with a request_id of another");
}

void Run::RunWorker() {
  const auto done = system_.RunTimeWorker();
  if (!Ok(done, "the time worker")) return;
  CompareRows("");
  const auto rows = system_.Load({.tables = {"licenses"}, .keys = {}});
  if (!Ok(rows, "reading rows")) return;
  const std::set<std::string> behind = Behind(world_, *rows);
  if (!behind.empty()) return Fail("worker", absl::StrCat("the time worker left something due to ", *behind.begin()));
  // Now that everybody is up to date: what the pools count is what has not ended.
  std::map<Key, int> units;
  for (const auto& [key, license] : world_.licenses) {
    if (!Ended(world_, license, world_.today()))
      units[{world_.customers.at(key.first).partner, license.product}] += license.units;
  }
  for (const auto& [key, pool] : world_.pools) {
    if (pool.assigned != units[key])
      Fail("I2", absl::StrCat("pool ", key.second, " counts ", pool.assigned, ", not ", units[key]));
  }
}

void Run::Sweep() {
  if (failure_.has_value()) return;
  const auto rows = system_.Load({});
  if (!Ok(rows, "reading rows")) return;
  std::vector<std::string> wrong = history_.Compare(*rows, HistoryCheck::Which::kAll);
  if (!wrong.empty()) return Fail("I3", Lines(wrong));
  wrong = CompareWithRows(world_, {}, *rows);
  if (!wrong.empty()) return Fail("rows", Lines(wrong));
  const auto pools = system_.WrongPools();
  if (Ok(pools, "reading pools") && !pools->empty()) return Fail("I2", Lines(*pools));
  const auto found = system_.Check();
  if (Ok(found, "the server's own check") && !found->empty()) return Fail("check", Lines(*found));
  for (const auto& [id, customer] : world_.customers) CompareReader(id);
  Dice dice(seed_ ^ static_cast<uint64_t>(world_.step));
  for (int i = 0; i < kCallersOfASweep; ++i)
    CompareCaller(SomeCaller(dice, world_), seed_ + static_cast<uint64_t>(world_.step) + static_cast<uint64_t>(i));
  if (const auto different = twin_.CompareViews(world_); !different.empty())
    return Fail("worker or not", Lines(different));
  ComparePools();
}

}  // namespace lmp::random_test
