"""What else an appliance tells about itself: name, firmware, role, load, settings; object or array as the real one."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mptcp_top.simulator.replies import Member, statistics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mptcp_top.simulator.appliance import Appliance

STATISTICS_ARGS: Final = frozenset({"detail", "fullvalues", "ntimes", "logfile", "clearstats"})


class Resource(NamedTuple):
    """One thing to ask for: the CLI command a right to it is checked against, and what it holds at a moment."""

    command: str
    members: Callable[[Appliance, float], tuple[Member, ...]]
    args: frozenset[str] = STATISTICS_ARGS


def _mptcp(box: Appliance, now: float) -> tuple[Member, ...]:
    history = box.history
    return statistics(history.values(now), history.rates(now), box.plan.version, box.switches.style)


def _version(box: Appliance, _now: float) -> Mapping[str, Any]:
    return {"version": box.version_line, "mode": "0"}


def _hardware(box: Appliance, _now: float) -> Mapping[str, Any]:
    return {
        "hwdescription": "NetScaler Remote Licensing Virtual Appliance",
        "sysid": "450071",
        "manufactureday": 10,
        "manufacturemonth": 2,
        "manufactureyear": 2023,
        "cpufrequncy": 2595,
        "hostid": f"0050569f{sum(box.plan.name.encode()):04x}",
        "host": f"0050569f{sum(box.plan.name.encode()):04x}",
        "serialno": f"HE2H81UJ{sum(box.plan.name.encode()):02d}",
        "encodedserialno": "98490000a2c21c1b",
        "netscaleruuid": "7fe8a5a2-6c1e-4a4e-9a57-0050569f03a1",
    }


def _hostname(box: Appliance, _now: float) -> list[Mapping[str, Any]]:
    return [{"hostname": box.plan.name, "ownernode": "255"}]


def _system(box: Appliance, now: float) -> Mapping[str, Any]:
    busy = box.history.traffic.level("mptcptotmpcapsyn", now) / (55 * box.plan.scale)
    started = box.start_time(now)
    return {
        "numcpus": "4",
        "memusagepcnt": round(17.2 + 9 * min(busy, 4), 6),
        "cpuusage": "4294967295",
        "rescpuusage": str(round(min(95, 6 + 31 * busy))),
        "cpuusagepcnt": 4294967295.0,
        "rescpuusagepcnt": round(min(95, 6 + 31 * busy)),
        "mgmtcpuusagepcnt": 3.6,
        "pktcpuusagepcnt": round(min(95, 6 + 31 * busy), 1),
        "starttime": started,
        "starttimelocal": started,
        "timesincestart": "00:00:00",
        "disk0avail": 1278,
        "disk1avail": 9541,
    }


def _ns(box: Appliance, now: float) -> Mapping[str, Any]:
    syn = box.history.traffic.level("mptcptotmpcapsyn", now)
    return {
        "rescpuusagepcnt": round(min(95, 6 + syn / 2)),
        "mgmtcpuusagepcnt": 3.6,
        "memusagepcnt": 17.192564,
        "memuseinmb": "1029",
        "primaryport": 80,
        "totrxmbits": str(box.truth("mptcptotrxdss", now) // 90),
        "rxmbitsrate": float(box.rate("mptcptotrxdss", now) / 90),
        "tottxmbits": str(box.truth("mptcptottxdss", now) // 90),
        "txmbitsrate": float(box.rate("mptcptottxdss", now) / 90),
        "tcpcurclientconnestablished": str(2 * box.truth("mptcpcursfconnections", now)),
    }


def _tcp(box: Appliance, now: float) -> Mapping[str, Any]:
    flows = box.truth("mptcpcursfconnections", now)
    syn, opened = box.truth("mptcptotmpcapsyn", now), box.truth("mptcptotsfconn", now)
    return {
        "tcpcurclientconn": str(3 * flows),
        "tcpcurclientconnestablished": str(2 * flows),
        "tcptotsyn": str(4 * syn),
        "tcpsynrate": int(4 * box.rate("mptcptotmpcapsyn", now)),
        "tcptotclientconnopened": str(3 * opened),
        "tcpclientconnopenedrate": int(3 * box.rate("mptcptotsfconn", now)),
        "tcperrbadchecksum": "0",
    }


def _role(box: Appliance, now: float) -> str:
    return "Primary" if box.history.serves(now) else "Secondary"


def _ha_statistics(box: Appliance, now: float) -> Mapping[str, Any]:
    return {
        "hacurstatus": "YES" if box.plan.partner else "NO",
        "hacurstate": "UP",
        "hacurmasterstate": _role(box, now),
        "transtime": box.start_time(now),
        "hatotpktrx": str(int(5 * (box.plan.up_seconds + now))),
        "hapktrxrate": 5,
        "hatotpkttx": str(int(5 * (box.plan.up_seconds + now))),
        "hapkttxrate": 5,
        "haerrproptimeout": "0",
        "haerrsyncfailure": "0",
    }


def _ha_nodes(box: Appliance, now: float) -> list[Mapping[str, Any]]:
    common = {"hastatus": "UP", "hasync": "ENABLED", "haprop": "ENABLED", "maxflips": "0", "hellointerval": "200"}
    mine = _role(box, now)
    nodes = [(0, box.plan.name, box.plan.address, mine)]
    if box.plan.partner:
        theirs = "Secondary" if mine == "Primary" else "Primary"
        nodes.append((1, box.plan.partner, box.plan.partner_address, theirs))
    return [
        {
            "id": str(number),
            "name": name if number == 0 else "",
            "ipaddress": address,
            "state": state,
            "masterstatetime": int(box.plan.up_seconds + now),
            **common,
        }
        for number, name, address, state in nodes
    ]


def _tcp_parameters(_box: Appliance, _now: float) -> Mapping[str, Any]:
    return {
        "mptcpconcloseonpassivesf": "ENABLED",
        "mptcpchecksum": "ENABLED",
        "mptcpsftimeout": "0",
        "mptcpsfreplacetimeout": "10",
        "mptcpmaxsf": "4",
        "mptcpmaxpendingsf": "4",
        "mptcppendingjointhreshold": "0",
        "mptcprtostoswitchsf": "2",
        "mptcpusebackupondss": "ENABLED",
        "mptcpimmediatesfcloseonfin": "DISABLED",
        "mptcpclosemptcpsessiononlastsfclose": "DISABLED",
        "mptcpfastcloseoption": "ACK",
        "mptcpsendsfresetoption": "DISABLED",
        "mptcpreliableaddaddr": "DISABLED",
    }


def _tcp_profiles(_box: Appliance, _now: float) -> list[Mapping[str, Any]]:
    common = {"mptcpdropdataonpreestsf": "DISABLED", "mptcpfastopen": "DISABLED", "mptcpsessiontimeout": "0"}
    return [
        {"name": "nstcp_default_profile", "mptcp": "DISABLED", **common, "builtin": ["MODIFIABLE"]},
        {"name": "mptcp_phones", "mptcp": "ENABLED", **common, "refcnt": "2"},
    ]


def _virtual_servers(kind: str) -> Callable[[Appliance, float], list[Mapping[str, Any]]]:
    def servers(box: Appliance, now: float) -> list[Mapping[str, Any]]:
        sessions, flows = (box.truth(each, now) for each in ("mptcpcurmpcapablesessions", "mptcpcursfconnections"))
        return [
            {
                "name": f"{kind}_{name}",
                "sortorder": "ascending",
                "primaryipaddress": "192.0.2.80",
                "primaryport": 443,
                "state": "UP",
                "curmptcpsessions": str(sessions * part // 4),
                "cursubflowconn": str(flows * part // 4),
                "establishedconn": str(2 * flows * part // 4),
            }
            for name, part in (("video", 3), ("mail", 1))
        ]

    return servers


def _sessions(box: Appliance, now: float) -> list[Mapping[str, Any]]:
    return [
        {
            "sid": str(number),
            "username": user,
            "logintimelocal": time.asctime(time.gmtime(box.born + now - idle)),
            "clienttype": "API",
            "lastactivitytime": str(int(idle)),
        }
        for number, (user, idle) in enumerate(box.sessions.users(now), 11)
    ]


def _since_start(box: Appliance, now: float) -> Mapping[str, Any]:
    booted = box.history.booted_at(now)
    up_seconds = box.plan.up_seconds + now if booted is None else now - booted
    return {"sys_cur_duration_sincestart": str(int(up_seconds))}


def _named(
    name: str, build: Callable[[Appliance, float], Mapping[str, Any] | list[Mapping[str, Any]]]
) -> Callable[[Appliance, float], tuple[Member, ...]]:
    return lambda box, now: ((name, json.dumps(build(box, now))),)


NONE: Final[frozenset[str]] = frozenset()
RESOURCES: Final[Mapping[str, Resource]] = {
    "stat/protocolmptcp": Resource("stat protocol mptcp", _mptcp),
    "stat/protocoltcp": Resource("stat protocol tcp", _named("protocoltcp", _tcp)),
    "stat/system": Resource("stat system", _named("system", _system)),
    "stat/ns": Resource("stat ns", _named("ns", _ns)),
    "stat/hanode": Resource("stat ha node", _named("hanode", _ha_statistics)),
    "stat/lbvserver": Resource("stat lb vserver", _named("lbvserver", _virtual_servers("lb"))),
    "stat/csvserver": Resource("stat cs vserver", _named("csvserver", _virtual_servers("cs"))),
    "stat/nsglobalcntr": Resource(
        "stat ns globalcntr", _named("nsglobalcntr", _since_start), STATISTICS_ARGS | {"counters"}
    ),
    "config/nsversion": Resource("show ns version", _named("nsversion", _version), NONE),
    "config/nshardware": Resource("show ns hardware", _named("nshardware", _hardware), NONE),
    "config/nshostname": Resource("show ns hostName", _named("nshostname", _hostname), NONE),
    "config/hanode": Resource("show HA node", _named("hanode", _ha_nodes), NONE),
    "config/nstcpparam": Resource("show ns tcpParam", _named("nstcpparam", _tcp_parameters), NONE),
    "config/nstcpprofile": Resource("show ns tcpProfile", _named("nstcpprofile", _tcp_profiles), NONE),
    "config/systemsession": Resource("show system session", _named("systemsession", _sessions), NONE),
}
"""Everything that can be read, by what comes after ``/nitro/v1/``."""
