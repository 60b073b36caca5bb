// The proof of the history: a chain of hashes over all events in order of their sequence, so that nothing in it can be
// changed, left out or moved without all later hashes being others. What an attacker rewrites up to the end is found by
// a head that was kept elsewhere.
//
//   record(n) = the event's fields as stored, in a fixed order, each with its length in front (RecordOf); of one that
//               tells of people, that without what does (rows/personal.h), and SHA-256(salt ‖ what does)
//   leaf(n)   = SHA-256(record(n))
//   hash(n)   = SHA-256(hash(n - 1) ‖ leaf(n)),   hash(0) = 32 zero bytes
//
// Leaves apart from records, so that who has one event can show its place in the chain by the leaves alone that follow
// it. The salted digest, so that what an event tells of people can be erased (erasure.h), and then can't be guessed
// from what is left, while all else in it stays proven. Which form of record entered the chain is said by the event's
// record_version, and not by its salt: a server of before may number what a newer one wrote. Of an event whose record
// has no such digest, its leaf is kept when it is erased, and nothing else in it is proven any more.
#ifndef LMP_STORAGE_HISTORY_CHAIN_H_
#define LMP_STORAGE_HISTORY_CHAIN_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "storage/model/event.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

inline constexpr size_t kHashBytes = 32;
// The record_version of an event with a salt.
inline constexpr int kSaltedRecord = 2;

// An event that has its sequence, as bytes. What is NULL has the length 2^64 - 1 and no bytes; numbers are decimal
// texts, times microseconds since 1970. Not of one whose leaf is all that is left.
std::string RecordOf(const model::Event& event);
std::string LeafHash(const std::string& record);
// Whether the event was erased, and its record is gone with what it told of people.
bool OnlyLeafIsLeft(const model::Event& event);
// The hash of its record, or what is left of it.
std::string LeafOf(const model::Event& event);
// SHA-256(salt ‖ what it tells of people), or what is left of it.
std::string PersonalDigest(const model::Event& event);
std::string ChainHash(const std::string& hash_before, const std::string& leaf);
// hash(0).
std::string EmptyChain();
// hash(n) as it is stored; hash(0) of what is not kept any more. Errors: those of the connection.
absl::StatusOr<std::string> ChainHashAt(Connection& connection, int64_t sequence);

struct ChainReport {
  int64_t events = 0;  // looked at
  int64_t erased = 0;  // of which what they told of people is gone
  int64_t before = 0;  // are not kept any more
  int64_t broken = 0;  // the first sequence that is wrong; 0: none is
  std::string why;     // in a sentence; empty if none is
};

// A hash of the chain that was kept elsewhere, or its first bytes: what is before it must not have been rewritten.
struct KnownHead {
  int64_t sequence = 0;
  std::string hash;
};
// "4711-<16 to 64 hexadecimal digits>": a resume_token, or the sequence and chain_hash of a head. INVALID_ARGUMENT.
absl::StatusOr<KnownHead> ParseKnownHead(absl::string_view text);

// Goes through all of the history that is kept, in pages, in the snapshot of `connection`: every sequence is there
// once, its hash follows from the one before it, the head is the last of them, and it goes through each of `known`.
// What is erased tells of nobody, and is of a customer that was erased (erasure_check.h). Errors: those of the
// connection.
absl::StatusOr<ChainReport> VerifyChain(Connection& connection, const std::vector<KnownHead>& known = {});

}  // namespace lmp::storage

#endif  // LMP_STORAGE_HISTORY_CHAIN_H_
