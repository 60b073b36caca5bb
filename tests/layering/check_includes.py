"""Checks every #include against who may know whom. The table is the architecture; change it only with a reason.

Usage: check_includes.py [--self-test] PROJECT_DIR
"""
import pathlib
import re
import sys

GROUND = ["server/domain/*", "storage/model/", "storage/status_macros.h", "absl/", "nlohmann/"]
# Folder → what its files may include, by prefix; one that ends with "*" is of files in that very folder. The first
# matching folder counts. Standard headers are free to all.
RULES = [
    # Nouns are plain structs: no SQL, protobuf or gRPC in them.
    ("storage/model/", ["storage/model/", "absl/"]),
    # The only files that know the connector.
    ("storage/mysql/connector/", ["storage/", "absl/", "cppconn/", "mysql_driver.h", "mysql_connection.h"]),
    # The client library has these files inside, too.
    ("storage/merkle.", ["storage/merkle.h", "storage/sha256.h", "absl/"]),
    ("storage/sha256.h", ["absl/", "openssl/"]),
    ("storage/hex.h", ["absl/"]),
    ("storage/", ["storage/", "absl/", "nlohmann/", "openssl/"]),
    # Rules are pure functions over nouns: no I/O, no clock, no protobuf.
    # decision → customer → subscription → license, catalog → the ground floor.
    ("server/domain/catalog/", ["server/domain/catalog/", *GROUND]),
    ("server/domain/license/", ["server/domain/license/", *GROUND]),
    ("server/domain/subscription/", ["server/domain/subscription/", "server/domain/license/", "server/domain/catalog/",
                                     *GROUND]),
    ("server/domain/customer/", ["server/domain/customer/", "server/domain/subscription/", "server/domain/license/",
                                 "server/domain/catalog/", *GROUND]),
    ("server/domain/decision/", ["server/domain/", *GROUND]),
    ("server/domain/", GROUND),
    # The part of the wire that the client library has inside, too.
    ("server/wire/license_check.", ["server/wire/license_check.h", "server/wire/values.h",
                                    "server/domain/license/license_check.h", "lmp/v1/", "absl/"]),
    ("server/wire/values.", ["storage/model/row.h", "google/", "absl/"]),
    # The engine knows no verb, no protobuf and no gRPC.
    ("server/engine/", ["server/engine/", "server/domain/", "storage/", "absl/"]),
    # Who calls: neither gRPC nor the database.
    ("server/auth/", ["server/auth/", "server/domain/refusal.h", "server/domain/reasons.h", "server/domain/text.h",
                      "storage/sha256.h", "absl/", "nlohmann/", "openssl/", "curl/", "toml++/"]),
    ("server/wire/", ["server/wire/", "server/domain/", "server/engine/", "storage/", "lmp/v1/", "google/", "grpcpp/",
                      "openssl/", "absl/", "nlohmann/"]),
    # The table of RPCs: what the system can do, free of gRPC.
    ("server/rpcs/", ["server/rpcs/", "server/auth/", "server/wire/", "server/engine/", "server/domain/",
                      "server/ids.h", "server/token_keys.h", "storage/", "lmp/v1/", "google/", "absl/"]),
    # Only this file knows what a collector of traces is sent.
    ("server/observe/span_exporter.", ["server/observe/", "opentelemetry/", "grpcpp/", "absl/"]),
    ("server/", ["server/", "storage/", "lmp/v1/", "google/", "grpcpp/", "grpc/", "openssl/", "absl/", "CLI/",
                 "prometheus/", "health.pb.h", "reflection.grpc.pb.h", "reflection_v1alpha.grpc.pb.h"]),
    # The tool is the library's first stranger: its public headers only.
    ("client/cli/", ["client/cli/", "contract_data.inc", "lmp/", "google/", "absl/", "nlohmann/", "CLI/"]),
    # Verifies tokens with neither protobuf nor gRPC, so that a small program can.
    ("client/src/jws.", ["client/src/jws.h", "absl/", "nlohmann/", "openssl/"]),
    ("client/src/license_token.cc", ["client/src/jws.h", "lmp/license_token.h", "absl/", "nlohmann/"]),
    ("client/src/clock_file.cc", ["lmp/license_token.h", "absl/"]),
    ("client/include/lmp/license_token.h", ["absl/"]),
    # Verifies the history likewise, with the hashes of its tree as the server computes them.
    ("client/src/history_proof.cc", ["client/src/jws.h", "lmp/history_proof.h", "storage/hex.h", "storage/merkle.h",
                                     "storage/sha256.h", "absl/", "nlohmann/"]),
    ("client/include/lmp/history_proof.h", ["absl/"]),
    # Answers as the server does: its rule, of rows alone, the answer as it shows it (lmp_check_rule), what a name is.
    ("client/src/license_facts.", ["client/src/license_facts.h", "server/domain/license/license_check.h",
                                   "server/domain/subscription/due_dates.h", "server/domain/text.h",
                                   "server/wire/license_check.h", "storage/model/world.h", "lmp/v1/", "absl/"]),
    ("client/", ["client/", "lmp/", "google/", "grpcpp/", "grpc/", "absl/", "gmock/"]),
]
# Rules about the clock and chance in pure code, beyond includes.
FORBIDDEN_TEXT = [
    ("server/domain/", re.compile(r"absl::Now\(|std::chrono::|rand\(|getenv\("),
     "pure functions take time and chance as arguments"),
]
STANDARD = re.compile(r"^[a-z_0-9]+$|^(sys|netinet|arpa)/[a-z]+\.h$|^[a-z_0-9]+\.h$")


def fits(included, prefix):
    if prefix.endswith("*"):
        return included.rpartition("/")[0] + "/" == prefix[:-1]
    return included.startswith(prefix)


def violations_of(path, text):
    folder = next((rule for rule in RULES if path.startswith(rule[0])), None)
    if folder is None:
        return
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            included = match.group(2)
            standard = STANDARD.match(included)
            allowed = any(fits(included, prefix) for prefix in folder[1])
            if not allowed and not (standard and not included.startswith(("mysql", "cppconn"))):
                yield f"{path}:{number}: {folder[0]} must not include {included}"
        for prefix, pattern, why in FORBIDDEN_TEXT:
            if path.startswith(prefix) and pattern.search(line.split("//")[0]):
                yield f"{path}:{number}: {why}"


def self_test():
    """Each of these must be found: a check that cannot fail is none."""
    bad = [
        ("server/domain/x.cc", '#include "storage/mysql/connection.h"'),
        ("server/domain/x.cc", '#include "lmp/v1/customer.pb.h"'),
        ("server/domain/x.cc", '#include "server/domain/license/usage.h"'),
        ("server/domain/license/x.cc", '#include "server/domain/subscription/terms.h"'),
        ("server/domain/subscription/x.cc", '#include "server/domain/customer/partner.h"'),
        ("server/domain/x.cc", "auto t = absl::Now();"),
        ("server/engine/x.cc", "#include <grpcpp/grpcpp.h>"),
        ("server/rpcs/x.cc", "#include <grpcpp/grpcpp.h>"),
        ("server/rpcs/x.cc", '#include "server/services/call.h"'),
        ("server/auth/x.cc", '#include "storage/mysql/connection.h"'),
        ("server/auth/x.cc", "#include <grpcpp/grpcpp.h>"),
        ("storage/x.cc", '#include "server/observe/log.h"'),
        ("server/observe/x.cc", '#include "opentelemetry/proto/trace/v1/trace.pb.h"'),
        ("storage/x.cc", "#include <cppconn/driver.h>"),
        ("storage/x.cc", "#include <mysql_driver.h>"),
        ("storage/model/x.h", '#include "storage/rows/columns.h"'),
        ("client/src/x.cc", '#include "storage/mysql/errors.h"'),
        ("client/src/license_facts.cc", '#include "server/domain/subscription/due.h"'),
        ("server/wire/license_check.cc", '#include "server/wire/fields.h"'),
        ("client/src/jws.cc", '#include "lmp/v1/license_token.pb.h"'),
        ("client/cli/x.cc", "#include <grpcpp/grpcpp.h>"),
    ]
    missed = [case for case in bad if not list(violations_of(*case))]
    good = [("server/domain/x.cc", "#include <vector>"), ("storage/x.cc", "#include <sys/stat.h>"),
            ("storage/x.cc", "#include <unistd.h>")]
    wrong = [case for case in good if list(violations_of(*case))]
    for case in missed + wrong:
        print("self-test:", case)
    return not missed and not wrong


def main():
    arguments = sys.argv[1:]
    if "--self-test" in arguments:
        sys.exit(0 if self_test() else 1)
    root = pathlib.Path(arguments[0])
    found, files = [], 0
    for folder in ("storage", "server", "client"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".h", ".cc"):
                files += 1
                found += violations_of(str(path.relative_to(root)), path.read_text())
    print("\n".join(found) or f"{files} files, every #include allowed")
    sys.exit(1 if found or files == 0 else 0)


main()
