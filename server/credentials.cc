#include "server/credentials.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpcpp/security/server_credentials.h>

#include <string>
#include <utility>

#include "absl/synchronization/mutex.h"

namespace lmp::server {
namespace {

// gRPC's own watcher of files (grpc::experimental::FileWatcherCertificateProvider) hands gRPC a certificate and a key
// that don't fit together, or half a file, and gRPC then drops the good ones: every new connection fails until the
// files are mended. So gRPC asks us at each handshake, and gets only what was checked.
class FileCredentials final : public grpc::ServerCredentials {
 public:
  explicit FileCredentials(TlsFiles& files) : files_(files) {
    const auto request = files.Current()->client_ca().empty()
                             ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                             : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
    credentials_ = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config_fetcher(request, Fetch, this));
  }
  ~FileCredentials() override { grpc_server_credentials_release(credentials_); }

  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}  // the gate does that

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  static grpc_ssl_certificate_config_reload_status Fetch(void* self, grpc_ssl_server_certificate_config** config) {
    auto& credentials = *static_cast<FileCredentials*>(self);
    std::shared_ptr<const TlsSet> now = credentials.files_.Current();
    absl::MutexLock lock(&credentials.mutex_);
    if (now == credentials.given_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    const grpc_ssl_pem_key_cert_pair pair{now->key().c_str(), now->cert_chain().c_str()};
    // gRPC asserts that there are authorities, also where it asks for no certificate and so uses none.
    const std::string& authorities = now->client_ca().empty() ? now->cert_chain() : now->client_ca();
    *config = grpc_ssl_server_certificate_config_create(authorities.c_str(), &pair, 1);
    credentials.given_ = std::move(now);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  TlsFiles& files_;
  grpc_server_credentials* credentials_ = nullptr;
  absl::Mutex mutex_;
  std::shared_ptr<const TlsSet> given_ ABSL_GUARDED_BY(mutex_);  // what gRPC has
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> ServerCredentials(TlsFiles* files) {
  if (files == nullptr) return grpc::InsecureServerCredentials();
  return std::make_shared<FileCredentials>(*files);
}

}  // namespace lmp::server
