"""A small client of MemoryMesh that needs nothing but Python's standard library (3.9 or newer).

    MEMORYMESH_URL=http://localhost:8000 MEMORYMESH_API_KEY=mm_... python3 memorymesh.py
"""

import json
import os
import urllib.error
import urllib.parse
import urllib.request
import uuid


class MemoryMeshError(Exception):
    """An answer that is not 2xx: problem details (RFC 9457)."""

    def __init__(self, status, problem):
        super().__init__(f"{status} {problem.get('title', '')}: {problem.get('detail', '')} {problem.get('errors', '')}".strip())
        self.status = status
        self.type = problem.get("type", "")


class MemoryMesh:
    def __init__(self, url, api_key, timeout=30):
        self.url, self.api_key, self.timeout = url.rstrip("/"), api_key, timeout

    def store_message(self, conversation_id, user_id, role, content, wait="memories"):
        """Stores a message; with wait="memories" the answer comes when what there is to learn from it was learned."""
        return self._send("POST", "/v1/messages", query={"wait": wait}, key=True, body={
            "conversation_id": conversation_id, "user_id": user_id, "role": role, "content": content})

    def context(self, conversation_id, user_id, query, max_tokens=1000):
        """What an assistant should know before it answers: recent messages, memories, and a text to paste."""
        path = f"/v1/context/{urllib.parse.quote(conversation_id, safe='')}"
        return self._send("GET", path, query={"user_id": user_id, "query": query, "max_tokens": max_tokens})

    def search(self, query, top_k=5):
        """Messages that answer a query, best first."""
        return self._send("GET", "/v1/memory/search", query={"query": query, "top_k": top_k})["results"]

    def add_memory(self, user_id, text):
        return self._send("POST", "/v1/memories", key=True, body={"user_id": user_id, "text": text})

    def memories(self, user_id):
        """Every memory of a user, page by page."""
        page, seen = 1, 0
        while True:
            answer = self._send("GET", "/v1/memories", query={"user_id": user_id, "page": page})
            yield from answer["memories"]
            page, seen = page + 1, seen + len(answer["memories"])
            if seen >= answer["count"] or not answer["memories"]:
                return

    def delete_memory(self, memory_id):
        self._send("DELETE", f"/v1/memories/{memory_id}")

    def get_memory(self, memory_id):
        return self._send("GET", f"/v1/memories/{memory_id}")

    def _send(self, method, path, query=None, body=None, key=False):
        url = self.url + path + ("?" + urllib.parse.urlencode(query) if query else "")
        request = urllib.request.Request(url, method=method, headers={"x-api-key": self.api_key, "Accept": "application/json"})
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if key:
            # Sent again with the same key, a request has its effect once.
            request.add_header("Idempotency-Key", str(uuid.uuid4()))
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            text = error.read()
            raise MemoryMeshError(error.code, json.loads(text) if text[:1] == b"{" else {}) from None
        return json.loads(text) if text else None


if __name__ == "__main__":
    client = MemoryMesh(os.environ.get("MEMORYMESH_URL", "http://localhost:8000"), os.environ["MEMORYMESH_API_KEY"])
    user = f"python-{uuid.uuid4()}"

    client.store_message(f"{user}-a", user, "user", "My name is Honda. I prefer Python over JavaScript.")
    print("found:", client.search("Python")[0]["message"]["content"])
    print("context:", client.context(f"{user}-b", user, "Which language should I use?")["text"])

    added = client.add_memory(user, "Works from home on Fridays.")
    print("memories:", len(list(client.memories(user))))
    client.delete_memory(added["id"])
    try:
        client.get_memory(added["id"])
    except MemoryMeshError as error:
        print("deleted:", error.status, error.type)
