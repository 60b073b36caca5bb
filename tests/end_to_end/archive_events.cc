// archive_events SOCKET COUNT: moves so many of the oldest events to the archive, whatever their age, as the server's
// worker moves old ones; prints how many were moved.
#include <cstdlib>
#include <iostream>

#include "absl/time/clock.h"
#include "storage/event_archive.h"
#include "storage/mysql/database.h"
#include "storage/status_macros.h"

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  lmp::storage::Database database({.socket = argv[1], .user = "root", .database = "lmp"}, 1);
  int64_t moved = 0;
  const absl::Status status =
      database.Transact(absl::Now() + absl::Seconds(30), [&](lmp::storage::Connection& connection) -> absl::Status {
        ASSIGN_OR_RETURN(moved, lmp::storage::ArchiveEvents(connection, absl::InfiniteFuture(), std::atoi(argv[2])));
        return absl::OkStatus();
      });
  if (!status.ok()) std::cerr << status << std::endl;
  std::cout << moved << std::endl;
  return status.ok() ? 0 : 1;
}
