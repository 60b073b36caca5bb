// Previews and their tokens: what a token of before another step is worth.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lmp/v1/change.pb.h"
#include "server/domain/refusal.h"
#include "tests/random/run.h"

namespace lmp::random_test {
namespace {

using google::protobuf::Message;
using Reply = absl::StatusOr<engine::Answer>;

constexpr int kOneStepOf = 2;  // is previewed once more, before the step before it

// The changes of an answer as text, but for instants, which are others each time; and what it says is affected.
std::string ShownBy(const Verb& verb, const std::string& response) {
  const MessagePtr answer = verb.new_response();
  if (!answer->ParseFromString(response)) return "unreadable";
  std::string text;
  const auto* list = answer->GetDescriptor()->FindFieldByName("changes");
  bool of_call = false;  // what time did before it stands first, and happens anyway
  for (int i = 0; i < answer->GetReflection()->FieldSize(*answer, list); ++i) {
    v1::Change change;
    change.CopyFrom(answer->GetReflection()->GetRepeatedMessage(*answer, list, i));
    of_call = of_call || !change.has_effective_date();
    if (!of_call) continue;
    for (v1::FieldChange& field : *change.mutable_fields()) {
      if (absl::EndsWith(field.field(), "_time") && !field.after().empty()) field.set_after("then");
    }
    absl::StrAppend(&text, change.ShortDebugString(), "\n");
  }
  if (const auto* field = answer->GetDescriptor()->FindFieldByName("affected"); field != nullptr) {
    v1::Affected affected;
    affected.CopyFrom(answer->GetReflection()->GetMessage(*answer, field));
    affected.clear_first();
    absl::StrAppend(&text, affected.ShortDebugString());
  }
  return text;
}

}  // namespace

absl::StatusOr<engine::Answer> Run::Preview(const Step& step, const Message& request) {
  MessagePtr preview(request.New());
  preview->CopyFrom(request);
  preview->GetReflection()->SetBool(preview.get(), request.GetDescriptor()->FindFieldByName("validate_only"), true);
  const Reply reply = system_.Ask(step.caller, *step.verb, *preview, step.number);
  ExpectNothingHappened("a preview");
  return reply;
}

std::string Run::TokenOf(const Verb& verb, const std::string& response) {
  const MessagePtr answer = verb.new_response();
  if (!answer->ParseFromString(response)) return "";
  return answer->GetReflection()->GetString(*answer, answer->GetDescriptor()->FindFieldByName("preview_token"));
}

void Run::Hold(const Step& next) {
  if (next.kind != Step::kRequest || next.etag != Step::kNone || next.number % kOneStepOf != 0) return;
  const Reply preview = Preview(next, *Prepare(next));
  if (preview.ok()) held_ = Held{TokenOf(*next.verb, preview->response), ShownBy(*next.verb, preview->response)};
}

void Run::CheckHeld(const Step& step, const Held& held) {
  const MessagePtr request = Prepare(step);
  const Reply now = Preview(step, *request);
  SetText(*request, "preview_token", held.token);
  const Reply with_token = Preview(step, *request);
  if (!now.ok()) {
    if (with_token.status() != now.status()) Fail("token", "a refusal is another one with a token");
    return;
  }
  const std::string shown = ShownBy(*step.verb, now->response);
  const bool same = shown == held.shown;
  const std::string reason = with_token.ok() ? "" : domain::RefusalOf(with_token.status()).reason;
  if (reason == (same ? "" : "PREVIEW_CHANGED")) return;
  Fail("token", absl::StrCat("with the token of before it is ", with_token.status().ToString(), "; it was\n",
                             held.shown, "and is\n", shown));
}

}  // namespace lmp::random_test
