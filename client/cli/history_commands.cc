#include "client/cli/history_commands.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/cli/output/json_output.h"
#include "client/cli/output/table.h"
#include "client/cli/status_macros.h"
#include "client/cli/verify.h"
#include "google/protobuf/util/json_util.h"
#include "lmp/history_proof.h"
#include "lmp/v1/history_proof.pb.h"

namespace lmp::cli {
namespace {

// How the last line of an export begins, which has the head.
constexpr char kHeadBegin[] = R"({"head":)";

std::string Line(const google::protobuf::Message& message) {
  return nlohmann::ordered_json::parse(ToJson(message), nullptr, false).dump();
}

absl::Status Malformed(const std::string& name) {
  return UsageError(
      absl::StrCat(name, " is neither an exported history nor the JSON of `lmp event proof` or `lmp event ", "head`"));
}

// The keys and the heads that were kept.
struct Trust {
  std::string jwks;
  std::vector<client::VerifiedHead> known;
};

absl::StatusOr<Trust> ReadTrust(Session& session) {
  const VerifyHistoryArguments& arguments = session.invocation.verify_history;
  Trust trust;
  ASSIGN_OR_RETURN(trust.jwks, ReadInput(session, arguments.keys, "jwks_json"));
  for (const std::string& name : arguments.known_heads) {
    ASSIGN_OR_RETURN(const std::string head, ReadInput(session, name, "signed_head"));
    ASSIGN_OR_RETURN(client::VerifiedHead known, client::VerifyHead(head, trust.jwks));
    trust.known.push_back(std::move(known));
  }
  return trust;
}

absl::StatusOr<client::VerifiedHead> SignedHeadOf(const v1::HistoryHead& head, const Trust& trust) {
  if (head.signed_head().empty())
    return absl::FailedPreconditionError("the head is not signed: the server has no key (--token-key-file)");
  const absl::StatusOr<client::VerifiedHead> verified = client::VerifyHead(head.signed_head(), trust.jwks);
  if (!verified.ok()) return absl::DataLossError(verified.status().message());
  // What stands beside the signature is there to be read, so it must not say anything else.
  const bool same = (head.sequence() == 0 || head.sequence() == verified->sequence) &&
                    (head.chain_hash().empty() || head.chain_hash() == absl::BytesToHexString(verified->chain_hash)) &&
                    (head.tree_root().empty() || head.tree_root() == absl::BytesToHexString(verified->tree_root));
  if (!same) return absl::DataLossError("the head says something else than what was signed");
  return verified;
}

// Of two values with one name each reader takes another one, so a message with such is none.
bool HasNamesTwice(const std::string& text) {
  std::vector<std::set<std::string>> names;
  bool twice = false;
  const auto note = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) names.emplace_back();
    if (event == Event::object_end) names.pop_back();
    if (event == Event::key) twice = !names.back().insert(parsed.get<std::string>()).second || twice;
    return true;
  };
  const auto parsed = nlohmann::json::parse(text, note, /*allow_exceptions=*/false);
  return parsed.is_discarded() || twice;
}

bool ReadMessage(const std::string& text, google::protobuf::Message* message) {
  return !HasNamesTwice(text) && google::protobuf::util::JsonStringToMessage(text, message).ok();
}

void Say(Session& session, const std::string& what, const client::VerifiedHead& head) {
  session.console.out << what << ", as key " << head.key_id << " has signed it at "
                      << absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", head.issue_time, absl::UTCTimeZone()) << "\n";
}

// Line by line: a history may be large. The last line has the head, and nothing may follow it.
absl::Status VerifyExport(Session& session, const Trust& trust, std::string line, std::istream& in) {
  client::HistoryVerifier verifier;
  for (const client::VerifiedHead& known : trust.known) verifier.Expect(known);
  int64_t events = 0, hidden = 0, before = 0;  // so many are not kept any more
  v1::ExportHistoryResponse end;
  do {
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    if (end.has_head()) return absl::DataLossError("something follows the head of the history");
    v1::HistoryEntry entry;
    if (absl::StartsWith(line, kHeadBegin)) {
      if (!ReadMessage(line, &end)) return absl::DataLossError("the line of the head can't be read");
      continue;
    }
    if (!ReadMessage(line, &entry))
      return absl::DataLossError(absl::StrCat("the line of event ", events + 1, " can't be read"));
    RETURN_IF_ERROR(verifier.Add({entry.sequence(), entry.record(), entry.leaf(), entry.chain_hash()}));
    if (entry.record().empty() && entry.leaf().empty()) {
      before = entry.sequence();
      continue;
    }
    ++events;
    hidden += entry.record().empty() ? 1 : 0;
  } while (std::getline(in, line));
  if (!end.has_head()) return absl::DataLossError("the history has no head: its end is missing");
  ASSIGN_OR_RETURN(const client::VerifiedHead head, SignedHeadOf(end.head(), trust));
  RETURN_IF_ERROR(verifier.Finish(head));
  const std::string not_shown = hidden > 0 ? absl::StrCat(" (of ", hidden, " of them only the hash is known)") : "";
  const std::string not_kept = before > 0 ? absl::StrCat(", from event ", before + 1, " on") : "";
  Say(session, absl::StrCat("The history is whole: ", events, " events", not_shown, not_kept), head);
  return absl::OkStatus();
}

// A proof shows one head; only of the same place can it be said whether that is what was known.
absl::Status CheckKnown(const client::VerifiedHead& head, const Trust& trust) {
  for (const client::VerifiedHead& known : trust.known) {
    if (known.sequence != head.sequence) {
      return absl::InvalidArgumentError(
          absl::StrCat("--known-head is of event ", known.sequence, ", and the proof of event ", head.sequence,
                       ": whether one goes through the other is in `lmp event head --since-sequence ",
                       std::min(known.sequence, head.sequence), "`, which `lmp event verify` takes, too"));
    }
    if (known.chain_hash != head.chain_hash || known.tree_root != head.tree_root)
      return absl::DataLossError("the history up to that event is another than that of the head that was kept");
  }
  return absl::OkStatus();
}

absl::Status VerifyProof(Session& session, const Trust& trust, const v1::EventProof& proof) {
  ASSIGN_OR_RETURN(const client::VerifiedHead head, SignedHeadOf(proof.head(), trust));
  RETURN_IF_ERROR(CheckKnown(head, trust));
  const std::string& record = proof.entry().record();
  const std::string& leaf = proof.entry().leaf();
  if (record.empty() && !leaf.empty()) {
    RETURN_IF_ERROR(
        client::VerifyLeafInclusion(leaf, proof.entry().sequence(), {proof.path().begin(), proof.path().end()}, head));
    Say(session,
        absl::StrCat("The event was erased: its hash, which is all that is left, is in the history of ", head.sequence,
                     " events"),
        head);
    return absl::OkStatus();
  }
  if (!leaf.empty() && leaf != client::LeafOf(record))
    return absl::DataLossError("the hash beside the event is that of another one");
  RETURN_IF_ERROR(
      client::VerifyInclusion(record, proof.entry().sequence(), {proof.path().begin(), proof.path().end()}, head));
  Say(session, absl::StrCat("The event is in the history of ", head.sequence, " events"), head);
  ASSIGN_OR_RETURN(client::RecordFields fields, client::ReadRecord(record));
  if (!proof.entry().salt().empty()) {
    ASSIGN_OR_RETURN(const client::RecordFields personal,
                     client::ReadPersonal(record, proof.entry().salt(), proof.entry().personal()));
    fields.insert(fields.end(), personal.begin(), personal.end());
  }
  Table table;
  for (const auto& [name, value] : fields) table.Add({name, Printable(value.value_or("-"))});
  table.Write(session.console.out);
  return absl::OkStatus();
}

absl::Status VerifyHeads(Session& session, const Trust& trust, const v1::HistoryHead& answer) {
  ASSIGN_OR_RETURN(const client::VerifiedHead head, SignedHeadOf(answer, trust));
  for (const client::VerifiedHead& known : trust.known) {
    RETURN_IF_ERROR(
        client::VerifyBeginning(known, head, {answer.consistency_path().begin(), answer.consistency_path().end()}));
    Say(session, absl::StrCat("The history of ", known.sequence, " events is the beginning of this one"), known);
  }
  Say(session, absl::StrCat("The head of a history of ", head.sequence, " events"), head);
  return absl::OkStatus();
}

absl::Status Verify(Session& session, const Trust& trust, const std::string& name, std::istream& in) {
  std::string line;
  if (!std::getline(in, line)) return Malformed(name);
  v1::HistoryEntry entry;
  const bool is_export =
      absl::StartsWith(line, kHeadBegin) || (absl::StartsWith(line, "{\"sequence\":") && ReadMessage(line, &entry));
  if (is_export) return VerifyExport(session, trust, line, in);
  std::stringstream rest;
  rest << line << "\n" << in.rdbuf();
  v1::EventProof proof;
  if (ReadMessage(rest.str(), &proof) && proof.has_entry()) return VerifyProof(session, trust, proof);
  v1::HistoryHead head;
  if (ReadMessage(rest.str(), &head)) return VerifyHeads(session, trust, head);
  return Malformed(name);
}

}  // namespace

absl::Status RunExport(Session& session, const google::protobuf::Message& request) {
  v1::ExportHistoryRequest page;
  page.CopyFrom(request);
  std::ostream& out = session.console.out;
  for (;;) {
    v1::ExportHistoryResponse response;
    RETURN_IF_ERROR(session.Call(kExportMethod, page, response));
    for (const v1::HistoryEntry& entry : response.entries()) {
      out << Line(entry) << "\n";
      page.set_after_sequence(entry.sequence());
    }
    if (!out.good()) return absl::OkStatus();  // who called says so
    if (page.after_sequence() < response.head().sequence() && response.entries_size() > 0) continue;
    out << kHeadBegin << Line(response.head()) << "}\n";
    return absl::OkStatus();
  }
}

absl::Status RunVerifyHistory(Session& session) {
  const std::string& name = session.invocation.verify_history.file;
  ASSIGN_OR_RETURN(const Trust trust, ReadTrust(session));
  if (name == "-") return Verify(session, trust, name, session.console.in);
  std::ifstream file(name);
  if (!file) return UsageError(absl::StrCat("can't read ", name));
  return Verify(session, trust, name, file);
}

}  // namespace lmp::cli
