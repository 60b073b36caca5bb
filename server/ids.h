// Ids, request ids and activation codes from the system's random numbers.
#ifndef LMP_SERVER_IDS_H_
#define LMP_SERVER_IDS_H_

#include <string>

#include "server/domain/env.h"

namespace lmp::server {

class SystemIds final : public domain::IdSource {
 public:
  // Makes a ULID in lower case: 48 bits of milliseconds and 80 random bits in Crockford's base 32. So ids that are made
  // later sort later, and new rows of a customer lie together in the database.
  std::string NewId(absl::Time now) override;
  // Makes "LM-" and 30 random characters in groups of five, without characters that look alike: 150 bits.
  std::string NewActivationCode() override;
};

// A random UUID (version 4).
std::string NewUuid();

// Makes a UUID that only has to be unique and may be guessed; this is much cheaper.
std::string NewTraceId();

// Makes a UUID (version 8) that is always the same for the same text. It is the request_id of a part of a call.
std::string UuidOf(const std::string& text);

}  // namespace lmp::server

#endif  // LMP_SERVER_IDS_H_
