#include "storage/history_chain.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "storage/erasure_check.h"
#include "storage/event_archive.h"
#include "storage/event_sequence.h"
#include "storage/events.h"
#include "storage/hex.h"
#include "storage/history_retention.h"
#include "storage/history_tree.h"
#include "storage/merkle.h"
#include "storage/rows/columns.h"
#include "storage/rows/length_prefixed.h"
#include "storage/rows/personal.h"
#include "storage/sha256.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr int kPageEvents = 1000;
constexpr char kVersion[] = "lmp-event-";  // and the number of the record's form
constexpr char kHashAt[] =
    "SELECT chain_hash FROM events FORCE INDEX (events_by_sequence) WHERE sequence = ? UNION ALL "
    "SELECT chain_hash FROM events_archive FORCE INDEX (events_by_sequence) WHERE sequence = ? UNION ALL "
    "SELECT base_hash FROM history_head WHERE id = 1 AND base_sequence = ?";
constexpr char kOutside[] =
    "SELECT event_id, sequence FROM $t FORCE INDEX (events_by_sequence) WHERE sequence < 0 OR (sequence > 0 AND "
    "sequence <= ?) ORDER BY sequence LIMIT 1";
constexpr char kCount[] =
    "SELECT (SELECT COUNT(*) FROM events FORCE INDEX (events_by_sequence) WHERE sequence > ?) + "
    "(SELECT COUNT(*) FROM events_archive FORCE INDEX (events_by_sequence) WHERE sequence > ?)";
constexpr char kTwice[] =
    "SELECT a.sequence FROM events_archive AS a JOIN events AS e ON e.sequence = a.sequence WHERE a.sequence > ? "
    "ORDER BY a.sequence LIMIT 1";

std::string In(absl::string_view table, absl::string_view sql) { return absl::StrReplaceAll(sql, {{"$t", table}}); }

// What is wrong with the event that follows, if anything is.
std::string FaultOf(const model::Event& event, int64_t expected, const std::string& hash_before) {
  if (event.sequence > expected) return absl::StrCat("event ", expected, " is missing");
  if (event.sequence < expected) return absl::StrCat("there are two events ", event.sequence);
  if (event.erased.has_value() && (HoldsPersonal(event) || event.salt.has_value()))
    return absl::StrCat("event ", event.sequence, " is erased, and yet tells of people");
  if (event.chain_hash != ChainHash(hash_before, LeafOf(event))) {
    return absl::StrCat("event ", event.sequence, " is not what was recorded, or what is before it is not");
  }
  return "";
}

bool IsHashOf(const KnownHead& kept, const std::string& hash) { return hash.substr(0, kept.hash.size()) == kept.hash; }

bool Agrees(const model::Event& event, const std::vector<KnownHead>& known) {
  return std::all_of(known.begin(), known.end(), [&](const KnownHead& kept) {
    return kept.sequence != event.sequence || IsHashOf(kept, event.chain_hash);
  });
}

// What is known of the history up to an event.
class ChainCheck final {
 public:
  explicit ChainCheck(const std::vector<KnownHead>& known) : known_(known) {}

  absl::Status Load(Connection& connection) {
    ASSIGN_OR_RETURN(const HistoryBase base, LoadHistoryBase(connection));
    report_.before = last_ = base.sequence;
    hash_ = base.chain_hash;
    erasures_.Begin(base.sequence);
    for (const KnownHead& kept : known_) {
      if (kept.sequence < base.sequence || (kept.sequence == base.sequence && !IsHashOf(kept, hash_)))
        return absl::InvalidArgumentError(
            absl::StrCat("the head of event ", kept.sequence, " is of before what is kept, or of another history"));
    }
    return tree_.Load(connection, base.sequence);
  }

  // The next event. False: something is wrong with it.
  bool Add(const model::Event& event) {
    std::string why = FaultOf(event, last_ + 1, hash_);
    if (why.empty() && !Agrees(event, known_)) {
      why = absl::StrCat("the history up to event ", event.sequence, " is another than that of the head that was kept");
    }
    if (!why.empty()) return Break(last_ + 1, std::move(why));
    hash_ = event.chain_hash;
    tree_.Append(LeafOf(event));
    erasures_.Add(event);
    ++report_.events;
    ++last_;
    return true;
  }

  // After the last one.
  absl::Status Finish(Connection& connection, const HistoryHead& head) {
    if (report_.broken != 0) return absl::OkStatus();
    const int64_t next = last_ + 1;
    if (std::any_of(known_.begin(), known_.end(), [&](const KnownHead& kept) { return kept.sequence >= next; })) {
      Break(next, absl::StrCat("event ", next, " is missing: a head that was kept is beyond it"));
    } else if (head.sequence >= next) {
      Break(next, absl::StrCat("event ", next, " is missing"));
    } else if (head.sequence < last_) {
      Break(head.sequence + 1, absl::StrCat("event ", head.sequence + 1, " is beyond the head of the history"));
    } else if (head.chain_hash != hash_) {
      Break(next, "the head of the history is not that of its last event");
    } else if (std::string why = tree_.Finish(); !why.empty()) {
      Break(next, std::move(why));
    } else {
      report_.erased = erasures_.erased();
      ASSIGN_OR_RETURN(ErasureCheck::Unfounded unfounded, erasures_.Finish(connection));
      if (unfounded.sequence != 0) Break(unfounded.sequence, std::move(unfounded.why));
    }
    if (report_.broken == 0) RETURN_IF_ERROR(FindStrays(connection));
    return absl::OkStatus();
  }

  const ChainReport& report() const { return report_; }
  int64_t last() const { return last_; }

 private:
  // Events that are no part of the chain, and yet are in the tables, where lists find them.
  absl::Status FindStrays(Connection& connection) {
    for (const char* table : {kEventArchive, kEvents}) {
      ASSIGN_OR_RETURN(const auto outside, connection.Query(In(table, kOutside), {report_.before}));
      if (outside->Next())
        Break(outside->Int64(1), absl::StrCat("event ", outside->Int64(1), " (events/", outside->Int64(0),
                                              ") is there, but is no part of the history that is kept"));
      RETURN_IF_ERROR(outside->status());
    }
    ASSIGN_OR_RETURN(const auto rows, connection.Query(kCount, {report_.before, report_.before}));
    const int64_t count = rows->Next() ? rows->Int64(0) : 0;
    RETURN_IF_ERROR(rows->status());
    if (report_.broken != 0 || count == report_.events) return absl::OkStatus();
    ASSIGN_OR_RETURN(const auto twice, connection.Query(kTwice, {report_.before}));
    const int64_t sequence = twice->Next() ? twice->Int64(0) : last_;
    Break(sequence, absl::StrCat("there are two events ", sequence));
    return twice->status();
  }

  bool Break(int64_t sequence, std::string why) {
    report_.broken = sequence;
    report_.why = std::move(why);
    return false;
  }

  const std::vector<KnownHead>& known_;
  ChainReport report_;
  TreeCheck tree_;
  ErasureCheck erasures_;
  std::string hash_;
  int64_t last_ = 0;
};

}  // namespace

std::string RecordOf(const model::Event& event) {
  const bool salted = event.record_version == kSaltedRecord;
  if (salted && HoldsPersonal(event)) {
    model::Event without = event;
    without.erased = PersonalDigest(event);
    ForgetPersonal(without);
    return RecordOf(without);
  }
  std::string record;
  record.reserve(400 + event.after.size() + (event.before.has_value() ? event.before->size() : 0));
  AppendField(record, absl::StrCat(kVersion, event.record_version));
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
  if (salted) AppendField(record, PersonalDigest(event));
  return record;
}

std::string LeafHash(const std::string& record) { return Sha256(record); }

bool OnlyLeafIsLeft(const model::Event& event) {
  return event.erased.has_value() && event.record_version != kSaltedRecord;
}

std::string LeafOf(const model::Event& event) {
  return OnlyLeafIsLeft(event) ? *event.erased : LeafHash(RecordOf(event));
}

std::string PersonalDigest(const model::Event& event) {
  if (event.erased.has_value()) return *event.erased;
  return Sha256(absl::StrCat(event.salt.value_or(""), PersonalBytes(event)));
}

std::string ChainHash(const std::string& hash_before, const std::string& leaf) {
  return Sha256(absl::StrCat(hash_before, leaf));
}

std::string EmptyChain() { return std::string(kHashBytes, '\0'); }

absl::StatusOr<std::string> ChainHashAt(Connection& connection, int64_t sequence) {
  if (sequence == 0) return EmptyChain();
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kHashAt, {sequence, sequence, sequence}));
  std::string hash = rows->Next() ? rows->String(0) : EmptyChain();
  RETURN_IF_ERROR(rows->status());
  return hash;
}

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
  ASSIGN_OR_RETURN(const HistoryHead head, LoadHistoryHead(connection));
  ChainCheck check(known);
  RETURN_IF_ERROR(check.Load(connection));
  for (bool more = true; more && check.report().broken == 0;) {
    ASSIGN_OR_RETURN(const std::vector<model::Event> page,
                     LoadBySequence(connection, {.after = check.last(), .limit = kPageEvents}));
    for (const model::Event& event : page) {
      if (!check.Add(event)) break;
    }
    more = !page.empty();
  }
  RETURN_IF_ERROR(check.Finish(connection, head));
  return check.report();
}

}  // namespace lmp::storage
