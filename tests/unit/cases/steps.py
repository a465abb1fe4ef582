"""A server that takes a case through all its steps, to be killed: ``python -m … FOLDER < PLAN``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from scrim.cases.desk import Cases
from scrim.cases.people import People
from scrim.cases.viewings import ViewingAct
from scrim.clock import SECOND
from scrim.ledger import Ledger
from scrim.settings import Settings
from scrim.store.database import connect
from scrim.store.objects import ObjectStore

NOW_US = 1_795_331_600 * SECOND


class Standing:
    def now_us(self) -> int:
        return NOW_US


def main() -> None:
    folder = Path(sys.argv[1])
    plan = json.load(sys.stdin)
    engine = connect(folder / "scrim.db")
    ledger = Ledger(engine)
    people = People(engine, ledger, Standing())
    objects = ObjectStore.in_folder(folder / "objects")
    cases = Cases(engine, ledger, objects, Standing(), Settings())
    case, officer = plan["case"], people.get("officer-7")

    def step(name: str) -> None:
        print(name, flush=True)

    step("request")
    cases.request(officer, case, plan["request"].encode())
    for custodian, answer in plan["answers"].items():
        step(custodian)
        cases.answer(people.get(custodian), case, answer.encode())
    step("view")
    file = cases.get(officer, case)
    if not file.state.is_ended:
        cases.view(officer, case, ViewingAct.VIEW, ["gate"], file.since_us, file.until_us)
    step("close")
    cases.close(officer, case, "Done with it.")
    step("done")


if __name__ == "__main__":
    main()
