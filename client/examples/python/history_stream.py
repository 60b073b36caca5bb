"""WatchEvents for the examples: it goes on by itself after what its caller has kept.

The stubs are made from the protos: protoc -I proto --python_out=. --grpc_out=. … (python3-grpcio, grpc_python_plugin).
"""

import random
import time

import grpc
from lmp.v1 import licensing_service_pb2_grpc
from lmp.v1.watch_pb2 import WatchEventsRequest

# A server that stops or has no place now, a connection that breaks, a proxy that has had enough.
PASSING = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.CANCELLED,
           grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL)
LONGEST_WAIT = 10  # seconds
# A message is a transaction, which may be larger than the 4 MiB that clients take unless told otherwise.
# Pings notice a host that has vanished: a stream has nothing to send.
OPTIONS = [('grpc.max_receive_message_length', -1), ('grpc.keepalive_time_ms', 20_000),
           ('grpc.keepalive_timeout_ms', 10_000), ('grpc.http2.max_pings_without_data', 0)]


def messages(server, token, key=None, **fields):
    """Messages for ever. `token()` is asked for whenever a stream is opened: it must be that of the last message whose
    effects are kept, or empty. OUT_OF_RANGE (the history does not go back to the token) is the caller's to handle."""
    metadata = [('authorization', f'Bearer {key}')] if key else None
    wait = 0.1
    while True:
        with grpc.insecure_channel(server, options=OPTIONS) as channel:
            stub = licensing_service_pb2_grpc.LicensingServiceStub(channel)
            try:
                for message in stub.WatchEvents(WatchEventsRequest(resume_token=token(), **fields), metadata=metadata):
                    wait = 0.1
                    yield message
            except grpc.RpcError as error:
                if error.code() not in PASSING:
                    raise
        time.sleep(wait * random.uniform(0.5, 1))
        wait = min(2 * wait, LONGEST_WAIT)
