#include "storage/history_chain.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "storage/event_sequence.h"
#include "storage/hex.h"
#include "storage/history_tree.h"
#include "storage/merkle.h"
#include "storage/rows/columns.h"
#include "storage/sha256.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr int kPageEvents = 1000;
constexpr char kVersion[] = "lmp-event-1";  // of the record's form

void AppendLength(std::string& out, uint64_t length) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>((length >> shift) & 0xff));
}

void AppendField(std::string& out, absl::string_view bytes) {
  AppendLength(out, bytes.size());
  absl::StrAppend(&out, bytes);
}

void AppendNullable(std::string& out, const std::optional<std::string>& text) {
  if (text.has_value()) return AppendField(out, *text);
  AppendLength(out, ~uint64_t{0});
}

// What is wrong with the event that follows, if anything is.
std::string FaultOf(const model::Event& event, int64_t expected, const std::string& hash_before) {
  if (event.sequence > expected) return absl::StrCat("event ", expected, " is missing");
  if (event.sequence < expected) return absl::StrCat("there are two events ", event.sequence);
  if (event.chain_hash != ChainHash(hash_before, LeafHash(RecordOf(event)))) {
    return absl::StrCat("event ", event.sequence, " is not what was recorded, or what is before it is not");
  }
  return "";
}

bool Agrees(const model::Event& event, const std::vector<KnownHead>& known) {
  return std::all_of(known.begin(), known.end(), [&](const KnownHead& kept) {
    return kept.sequence != event.sequence || event.chain_hash.substr(0, kept.hash.size()) == kept.hash;
  });
}

}  // namespace

std::string RecordOf(const model::Event& event) {
  std::string record;
  record.reserve(400 + event.after.size() + (event.before.has_value() ? event.before->size() : 0));
  AppendField(record, kVersion);
  AppendField(record, absl::StrCat(event.sequence));
  AppendField(record, absl::StrCat(event.transaction_end));
  AppendField(record, absl::StrCat(event.event_id));
  AppendField(record, absl::StrCat(absl::ToUnixMicros(event.event_time)));
  AppendField(record, event.actor);
  AppendField(record, event.reason);
  AppendField(record, event.request_id);
  AppendField(record, event.kind);
  std::optional<std::string> day;
  if (event.effective_date.has_value()) day = FormatDate(*event.effective_date);
  AppendNullable(record, day);
  AppendNullable(record, event.partner_id);
  AppendField(record, event.row_table);
  AppendField(record, event.key1);
  AppendField(record, event.key2);
  AppendField(record, absl::StrCat(event.revision));
  AppendNullable(record, event.before);
  AppendField(record, event.after);
  return record;
}

std::string LeafHash(const std::string& record) { return Sha256(record); }

std::string ChainHash(const std::string& hash_before, const std::string& leaf) {
  return Sha256(absl::StrCat(hash_before, leaf));
}

std::string EmptyChain() { return std::string(kHashBytes, '\0'); }

absl::StatusOr<KnownHead> ParseKnownHead(absl::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '-');
  KnownHead head;
  const bool digits = parts.size() == 2 && std::all_of(parts[1].begin(), parts[1].end(), absl::ascii_isxdigit);
  if (!digits || !absl::SimpleAtoi(parts[0], &head.sequence) || head.sequence < 1 || parts[1].size() < 16 ||
      parts[1].size() > 2 * kHashBytes || parts[1].size() % 2 != 0) {
    return absl::InvalidArgumentError("a head is written as SEQUENCE-HASH, with 16 to 64 hexadecimal digits");
  }
  head.hash = BytesOfHex(parts[1]);
  return head;
}

absl::StatusOr<ChainReport> VerifyChain(Connection& connection, const std::vector<KnownHead>& known) {
  ChainReport report;
  ASSIGN_OR_RETURN(const HistoryHead head, LoadHistoryHead(connection));
  TreeCheck tree;
  RETURN_IF_ERROR(tree.Load(connection));
  std::string hash = EmptyChain();
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<model::Event> page,
                     LoadBySequence(connection, {.after = report.events, .limit = kPageEvents}));
    for (const model::Event& event : page) {
      report.why = FaultOf(event, report.events + 1, hash);
      if (report.why.empty() && !Agrees(event, known)) {
        report.why =
            absl::StrCat("the history up to event ", event.sequence, " is another than that of the head that was kept");
      }
      if (!report.why.empty()) {
        report.broken = report.events + 1;
        return report;
      }
      hash = event.chain_hash;
      tree.Append(LeafHash(RecordOf(event)));
      ++report.events;
    }
    if (page.empty()) break;
  }
  if (std::any_of(known.begin(), known.end(), [&](const KnownHead& kept) { return kept.sequence > report.events; })) {
    report.broken = report.events + 1;
    report.why = absl::StrCat("event ", report.broken, " is missing: a head that was kept is beyond it");
    return report;
  }
  if (head.sequence == report.events && head.chain_hash == hash) {
    report.why = tree.Finish();
    report.broken = report.why.empty() ? 0 : report.events + 1;
    return report;
  }
  report.broken = std::min(head.sequence, report.events) + 1;
  report.why = head.sequence > report.events ? absl::StrCat("event ", report.broken, " is missing")
               : head.sequence < report.events
                   ? absl::StrCat("event ", report.broken, " is beyond the head of the history")
                   : std::string("the head of the history is not that of its last event");
  return report;
}

}  // namespace lmp::storage
