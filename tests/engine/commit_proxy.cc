#include "tests/engine/commit_proxy.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace lmp::testing {
namespace {

constexpr int kPollMillis = 50;
// COM_QUERY "COMMIT": length 7 in three bytes, packet 0, command 3. The connector sends it in one piece.
constexpr absl::string_view kCommit(
    "\x07\x00\x00\x00\x03"
    "COMMIT",
    11);

sockaddr_un Address(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  return address;
}

bool WriteAll(int socket, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

}  // namespace

CommitProxy::CommitProxy(const storage::DatabaseOptions& database) : database_(database) {
  directory_ = (std::filesystem::temp_directory_path() / "lmp-proxy-XXXXXX").string();
  EXPECT_NE(mkdtemp(directory_.data()), nullptr);
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = Address(options().socket);
  EXPECT_EQ(bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(listen(listener_, 16), 0);
  listening_ = std::thread([this] { Listen(); });
}

CommitProxy::~CommitProxy() {
  over_.Notify();
  listening_.join();
  for (std::thread& carrier : carriers_) carrier.join();
  close(listener_);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

storage::DatabaseOptions CommitProxy::options() const {
  storage::DatabaseOptions options = database_;
  options.socket = absl::StrCat(directory_, "/sock");
  return options;
}

void CommitProxy::Lose(Loss loss, int times) {
  absl::MutexLock lock(&mutex_);
  loss_ = loss;
  to_lose_ = times;
}

int CommitProxy::lost() const {
  absl::MutexLock lock(&mutex_);
  return lost_;
}

bool CommitProxy::Loses(Loss& loss) {
  absl::MutexLock lock(&mutex_);
  if (to_lose_ == 0) return false;
  --to_lose_;
  ++lost_;
  loss = loss_;
  return true;
}

void CommitProxy::Listen() {
  while (!over_.HasBeenNotified()) {
    pollfd waiting = {listener_, POLLIN, 0};
    if (poll(&waiting, 1, kPollMillis) <= 0) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client >= 0) carriers_.emplace_back([this, client] { Carry(client); });
  }
}

void CommitProxy::Carry(int client) {
  const int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = Address(database_.socket);
  bool swallow = false;
  bool open = connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  std::string buffer(1 << 16, '\0');
  while (open && !over_.HasBeenNotified()) {
    pollfd ends[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (poll(ends, 2, kPollMillis) <= 0) continue;
    for (const int from : {0, 1}) {
      if (!open || ends[from].revents == 0) continue;
      const ssize_t read = recv(ends[from].fd, buffer.data(), buffer.size(), 0);
      const absl::string_view bytes(buffer.data(), read > 0 ? static_cast<size_t>(read) : 0);
      Loss loss = Loss::kReply;
      if (from == 0 && bytes == kCommit && Loses(loss)) {
        swallow = loss == Loss::kReply;
        open = swallow;
      }
      // The answer to a COMMIT that is to be lost ends the connection instead of reaching the client.
      if (from == 1 && swallow) open = false;
      open = open && !bytes.empty() && WriteAll(ends[1 - from].fd, bytes);
    }
  }
  close(server);
  close(client);
}

}  // namespace lmp::testing
