"""Durable runs with dbos on its SQLite store: look a contact up, and write its title when it differs.

usage: dbos-runs.py CONCURRENCY RUNS

Prints the runs per second, the median of a run in milliseconds, and how the store of dbos is set up, once every answer and
what the provider holds at the end is right. The provider is a SQLite file that syncs nothing.
"""

import os
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from dbos import DBOS

ACCOUNTS = 8
local = threading.local()


def provider():
    """Returns this thread's connection to the provider."""
    if not hasattr(local, "connection"):
        local.connection = sqlite3.connect("provider.db", timeout=60, isolation_level=None)
        local.connection.execute("PRAGMA synchronous = OFF")
    return local.connection


@DBOS.step()
def find(account):
    row = provider().execute("SELECT id, title FROM contacts WHERE account = ?", (account,)).fetchone()
    return {"id": row[0], "title": row[1]}


@DBOS.step()
def update(contact, title):
    provider().execute("UPDATE contacts SET title = ? WHERE id = ?", (title, contact))


@DBOS.workflow()
def run(account, number):
    found = find(account)
    title = f"Engineer {number}"
    if found["title"] != title:
        update(found["id"], title)
    return title


def timed(number):
    start = time.perf_counter()
    if run(number % ACCOUNTS, number) != f"Engineer {number}":
        raise SystemExit(f"run {number}: a wrong answer")
    return time.perf_counter() - start


def check(count):
    """Whether the journal holds every run and both of its steps."""
    database = sqlite3.connect("dbos.db")
    runs = database.execute("SELECT count(*) FROM workflow_status WHERE status = 'SUCCESS'").fetchone()[0]
    steps = database.execute("SELECT count(*) FROM operation_outputs").fetchone()[0]
    if (runs, steps) != (count, 2 * count):
        raise SystemExit(f"the journal holds {runs} runs and {steps} steps of {count} runs")
    # dbos sets neither, so its connections have what this one has.
    mode = database.execute("PRAGMA journal_mode").fetchone()[0]
    return mode, {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}[database.execute("PRAGMA synchronous").fetchone()[0]]


def main(concurrency, count):
    provider().execute("PRAGMA journal_mode = WAL")
    provider().execute("CREATE TABLE contacts (id INTEGER PRIMARY KEY, account INTEGER, title TEXT)")
    for account in range(ACCOUNTS):
        provider().execute("INSERT INTO contacts (account, title) VALUES (?, '')", (account,))
    DBOS(config={
        "name": "bench", "system_database_url": "sqlite:///dbos.db", "log_level": "CRITICAL", "run_admin_server": False,
        "max_executor_threads": concurrency,
    })  # fmt: skip
    DBOS.launch()
    with ThreadPoolExecutor(concurrency) as pool:
        start = time.perf_counter()
        times = sorted(pool.map(timed, range(count)))
        took = time.perf_counter() - start
    mode, synchronous = check(count)
    print(f"{count / took:.1f} {times[count // 2] * 1000:.2f} journal_mode={mode} synchronous={synchronous}")
    DBOS.destroy()


if __name__ == "__main__":
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    try:
        main(int(sys.argv[1]), int(sys.argv[2]))
    finally:
        os.chdir("/")
        shutil.rmtree(folder)
