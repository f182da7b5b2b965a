"""Answers the schema of an action at once, and executions only when so many of them wait; prints its port."""

import asyncio
import sys

HELD = int(sys.argv[1])
SCHEMA = b'[{"name":"contact_id","required":true,"type":"text"}]'
ANSWER = b'{"node_status":"Success","data":{"id":"101"}}'
waiting = []


def reply(body):
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Connection(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.text = b""

    def data_received(self, data):
        self.text += data
        head, found, body = self.text.partition(b"\r\n\r\n")
        if not found:
            return
        if head.startswith(b"GET "):
            self.text = body
            self.transport.write(reply(SCHEMA))
        elif body.endswith(b"}"):
            self.text = b""
            waiting.append(self.transport)
            if len(waiting) == HELD:
                for transport in waiting:
                    transport.write(reply(ANSWER))
                waiting.clear()


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
