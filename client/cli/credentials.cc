#include "client/cli/credentials.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/session.h"
#include "client/cli/status_macros.h"

namespace lmp::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLongestToken = 64 * 1024;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Empty if the user has no such place.
fs::path Directory() {
  if (const std::string own = Environment("LMP_CREDENTIALS_DIR"); !own.empty()) return own;
  if (const std::string config = Environment("XDG_CONFIG_HOME"); !config.empty()) {
    return fs::path(config) / "lmp" / "credentials";
  }
  const std::string home = Environment("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".config" / "lmp" / "credentials";
}

// "127.0.0.1:50051" → ".../127.0.0.1%3A50051.json": different targets have different files.
fs::path FileOf(const std::string& target) {
  std::string name;
  for (const char c : target) {
    const bool is_plain = absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_';
    if (is_plain && !(c == '.' && name.empty())) {
      name += c;
    } else {
      absl::StrAppend(&name, absl::StrFormat("%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c))));
    }
  }
  const fs::path directory = Directory();
  return directory.empty() ? fs::path() : directory / (name + ".json");
}

absl::Status CanNot(absl::string_view what, const fs::path& file, int error) {
  return absl::FailedPreconditionError(absl::StrCat("can't ", what, " ", file.string(), ": ", std::strerror(error)));
}

absl::Status MakeDirectory(const fs::path& directory) {
  std::error_code error;
  const bool is_new = fs::create_directories(directory, error);
  if (error) return CanNot("make", directory, error.value());
  if (is_new) fs::permissions(directory, fs::perms::owner_all, error);  // others need not know which servers
  return absl::OkStatus();
}

// The file is the user's alone from its first byte on.
absl::Status WritePrivate(const fs::path& file, const std::string& text) {
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return CanNot("write", file, errno);
  const ssize_t written = write(fd, text.data(), text.size());
  const int error = written == static_cast<ssize_t>(text.size()) && fsync(fd) == 0 ? 0 : errno;
  if (close(fd) != 0 || error != 0) return CanNot("write", file, error != 0 ? error : errno);
  return absl::OkStatus();
}

absl::StatusOr<std::string> OutputOf(const std::string& command) {
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return absl::FailedPreconditionError("the command for the token can't be started");
  std::string output;
  std::array<char, 4096> buffer;
  for (size_t n = 0; output.size() <= kLongestToken && (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    output.append(buffer.data(), n);
  }
  const int status = pclose(pipe);
  if (output.size() > kLongestToken) {
    return absl::FailedPreconditionError(absl::StrCat("the command for the token prints too much: ", command));
  }
  if (status == 0) return output;
  return absl::FailedPreconditionError(
      absl::StrCat("the command for the token failed (", WIFEXITED(status) ? WEXITSTATUS(status) : -1, "): ", command));
}

}  // namespace

absl::StatusOr<std::optional<Credential>> LoadCredential(const std::string& target) {
  const fs::path file = FileOf(target);
  struct stat found {};
  if (file.empty() || stat(file.c_str(), &found) != 0) return std::nullopt;
  if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return UsageError(absl::StrCat("others can read ", file.string(), ": make another key, and `lmp login` with it"));
  }
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  const nlohmann::json json = nlohmann::json::parse(text.str(), nullptr, false);
  if (!stream || !json.is_object()) {
    return UsageError(absl::StrCat(file.string(), " is not as `lmp login` writes it: `lmp logout`, then `lmp login`"));
  }
  const auto text_of = [&json](const char* name) {
    const auto value = json.find(name);
    return value != json.end() && value->is_string() ? value->get<std::string>() : std::string();
  };
  return Credential{.token = text_of("token"), .command = text_of("command")};
}

absl::Status StoreCredential(const std::string& target, const Credential& credential) {
  const fs::path file = FileOf(target);
  if (file.empty()) return absl::FailedPreconditionError("there is no place to store it: HOME is not set");
  RETURN_IF_ERROR(MakeDirectory(file.parent_path()));
  nlohmann::json json{{"server", target}};
  if (credential.command.empty()) {
    json["token"] = credential.token;
  } else {
    json["command"] = credential.command;
  }
  const fs::path fresh = absl::StrCat(file.string(), ".", getpid());
  if (absl::Status status =
          WritePrivate(fresh, json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
      !status.ok()) {
    unlink(fresh.c_str());
    return status;
  }
  if (rename(fresh.c_str(), file.c_str()) == 0) return absl::OkStatus();
  const int error = errno;
  unlink(fresh.c_str());
  return CanNot("write", file, error);
}

absl::StatusOr<bool> RemoveCredential(const std::string& target) {
  const fs::path file = FileOf(target);
  if (file.empty() || unlink(file.c_str()) == 0) return !file.empty();
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return CanNot("remove", file, errno);
}

absl::StatusOr<std::string> TokenOf(const Credential& credential) {
  if (credential.command.empty()) return credential.token;
  ASSIGN_OR_RETURN(const std::string output, OutputOf(credential.command));
  const std::string token(absl::StripAsciiWhitespace(output));
  if (!token.empty()) return token;
  return absl::FailedPreconditionError(absl::StrCat("the command for the token prints nothing: ", credential.command));
}

absl::StatusOr<std::string> StoredToken(const std::string& target) {
  ASSIGN_OR_RETURN(const std::optional<Credential> credential, LoadCredential(target));
  return credential.has_value() ? TokenOf(*credential) : std::string();
}

}  // namespace lmp::cli
