#include "tests/random/twin.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/status_macros.h"
#include "tests/random/history_check.h"

namespace lmp::random_test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A row's last change by time itself is when it was noticed, which may differ.
void ClearUpdateTimes(Message& message) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->name() == "update_time") {
      reflection->ClearField(&message, field);
    } else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    } else if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(message, field); ++i)
        ClearUpdateTimes(*reflection->MutableRepeatedMessage(&message, field, i));
    } else {
      ClearUpdateTimes(*reflection->MutableMessage(&message, field));
    }
  }
}

std::string TextOf(Message& message) {
  ClearUpdateTimes(message);
  return message.ShortDebugString();
}

void Differ(const std::string& what, const std::string& one, const std::string& other,
            std::vector<std::string>& wrong) {
  if (one == other) return;
  wrong.push_back(absl::StrCat(what, " is {", one, "},\n     but where the worker came at once {", other, "}"));
}

template <class Resource>
void CompareMaps(std::map<std::string, Resource> one, std::map<std::string, Resource> other,
                 std::vector<std::string>& wrong) {
  if (one.size() != other.size()) wrong.push_back(absl::StrCat(one.size(), " and ", other.size(), " resources"));
  for (auto& [name, resource] : one) {
    const auto found = other.find(name);
    if (found != other.end()) Differ(name, TextOf(resource), TextOf(found->second), wrong);
  }
}

// An event as what it did, and when it counts; not when it was noticed.
std::string TextOf(const RawEvent& event) {
  const auto without_time = [](std::string image) {
    const auto from = image.find("\"update_time\"");
    if (from != std::string::npos) image.erase(from, image.find_first_of(",}", from) - from);
    return image;
  };
  return absl::StrCat(Text(event.row), " ", event.revision, " ", event.kind, " by ", event.actor, " on ",
                      event.effective_date.value_or("its day"), ": ", without_time(event.after));
}

absl::StatusOr<std::map<RowName, std::vector<std::string>>> EventsByRow(System& system) {
  ASSIGN_OR_RETURN(const std::vector<RawEvent> events, system.EventsAfter(0));
  std::map<RowName, std::vector<std::string>> by_row;
  for (const RawEvent& event : events) by_row[event.row].push_back(TextOf(event));
  return by_row;
}

}  // namespace

absl::Status Twin::Restart(const World& world) { return twin_ == nullptr ? absl::OkStatus() : twin_->Restart(world); }

absl::Status Twin::Move(absl::Time now) {
  system_.SetNow(now);
  if (twin_ == nullptr) return absl::OkStatus();
  twin_->SetNow(now);
  return twin_->RunTimeWorker().status();
}

std::vector<std::string> Twin::Ask(const Step& step, const Message& request,
                                   const absl::StatusOr<engine::Answer>& answer) {
  const Verb& verb = *step.verb;
  std::vector<std::string> wrong;
  if (twin_ == nullptr) return wrong;
  // Without the token of the first one's preview: that counts what hangs on a partner or suite as it is stored.
  const MessagePtr asked(request.New());
  asked->CopyFrom(request);
  if (const auto* token = request.GetDescriptor()->FindFieldByName("preview_token"))
    asked->GetReflection()->ClearField(asked.get(), token);
  if (!verb.mutate(*asked, IdOf(step.number, 25)).ok()) return wrong;
  const auto other = twin_->Ask(step.caller, verb, *asked, step.number);
  ++compared_;
  Differ("the answer", answer.status().ToString(), other.status().ToString(), wrong);
  if (!answer.ok() || !other.ok()) return wrong;
  const MessagePtr one_message = verb.new_response(), other_message = verb.new_response();
  one_message->ParseFromString(answer->response);
  other_message->ParseFromString(other->response);
  Differ("the answer", TextOf(*one_message), TextOf(*other_message), wrong);
  return wrong;
}

std::vector<std::string> Twin::CompareViews(const World& world) {
  std::vector<std::string> wrong;
  if (twin_ == nullptr) return wrong;
  for (const auto& [id, customer] : world.customers) {
    auto one = system_.Read(id), other = twin_->Read(id);
    ++compared_;
    Differ(id, one.status().ToString(), other.status().ToString(), wrong);
    if (!one.ok() || !other.ok()) continue;
    Differ(id, TextOf(one->customer), TextOf(other->customer), wrong);
    CompareMaps(std::move(one->subscriptions), std::move(other->subscriptions), wrong);
    CompareMaps(std::move(one->licenses), std::move(other->licenses), wrong);
  }
  std::vector<Key> keys;
  for (const auto& [key, pool] : world.pools) keys.push_back(key);
  auto one = system_.ReadPools(keys), other = twin_->ReadPools(keys);
  if (!one.ok() || !other.ok()) return wrong;
  for (auto& [key, pool] : *one) Differ("a pool", TextOf(pool), TextOf((*other)[key]), wrong);
  return wrong;
}

std::vector<std::string> Twin::CompareRows() {
  std::vector<std::string> wrong;
  if (twin_ == nullptr) return wrong;
  const auto one = EventsByRow(system_);
  auto other = EventsByRow(*twin_);
  if (!one.ok() || !other.ok()) return {"events can't be read"};
  for (const auto& [row, events] : *one) {
    const std::vector<std::string>& others = (*other)[row];
    for (size_t i = 0; i < std::max(events.size(), others.size()); ++i) {
      Differ("an event", i < events.size() ? events[i] : "", i < others.size() ? others[i] : "", wrong);
      if (!wrong.empty()) return wrong;
    }
    other->erase(row);
  }
  for (const auto& [row, events] : *other) Differ("an event", "", events.empty() ? "" : events[0], wrong);
  return wrong;
}

}  // namespace lmp::random_test
