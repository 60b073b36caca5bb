// What RPCs work with. The server owns it.
#ifndef LMP_SERVER_RPCS_BACKEND_H_
#define LMP_SERVER_RPCS_BACKEND_H_

#include "server/domain/env.h"
#include "server/engine/event_feed.h"
#include "server/engine/read_engine.h"
#include "server/engine/write_engine.h"
#include "server/token_keys.h"
#include "server/wire/page_token.h"
#include "server/wire/server_context.h"
#include "storage/catalog_cache.h"
#include "storage/mysql/connection.h"

namespace lmp::rpcs {

// Each kind of call has workers of its own, so that no kind waits for another.
struct Backend {
  engine::WriteEngine& writes;
  engine::ReadEngine& reads;    // reads by key
  engine::ReadEngine& lists;    // lists, histories, reads of the past
  engine::ReadEngine& streams;  // what those read who watch and are behind, or begin: page by page, without a pause
  engine::ReadEngine& checks;   // CheckLicense
  storage::CatalogCache& cache;
  domain::IdSource& ids;
  const wire::PageTokens& tokens;
  server::TokenKeys& token_keys;
  engine::EventFeed& feed;  // of the history, for who watches

  wire::ServerContext context() const {
    return {ids, tokens, lists.Now(), [this]() -> std::shared_ptr<const domain::TokenSigner> {
              auto keys = token_keys.Current();
              return keys->empty() ? nullptr : keys;
            }};
  }
};

// What a read gets that runs its own statements in a snapshot.
struct Reading {
  storage::Connection& connection;
  storage::CatalogCache& cache;
  const wire::PageTokens& tokens;
  const domain::Env& env;  // of now, whatever the request's read_time is
};

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_BACKEND_H_
