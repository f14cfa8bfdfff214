#!/usr/bin/env bash
# Makes src/host/etcd/gen from src/host/etcd/proto/etcd.proto. Run it after a change of the .proto and commit what it makes.
set -euo pipefail
cd "$(dirname "$0")/../src/host/etcd/proto"
PATH="$PWD/../../../../node_modules/.bin:$PATH" npx -y @bufbuild/buf@1.75.0 generate
