// What a read that runs its own statements in a snapshot is given.
#ifndef LMP_SERVER_SERVICES_READING_H_
#define LMP_SERVER_SERVICES_READING_H_

#include "server/domain/env.h"
#include "server/wire/page_token.h"
#include "storage/catalogue_cache.h"
#include "storage/connection.h"

namespace lmp::server {

struct Reading {
  storage::Connection& connection;
  storage::CatalogueCache& cache;
  const wire::PageTokens& tokens;
  const domain::Env& env;  // as of now, whatever the request's read_time
};

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_READING_H_
