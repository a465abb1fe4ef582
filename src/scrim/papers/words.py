"""What signs and the public page say, in three languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LANGUAGES: Final = ("en", "zh-Hant", "zh-Hans")

_TEXTS: Final[Mapping[str, tuple[str, str, str]]] = {
    "cameras": ("Cameras in operation", "攝影機運作中", "摄像头运行中"),
    "public": ("What these cameras do", "這些攝影機的用途", "这些摄像头的用途"),
    "masked": (
        (
            "Everybody is masked before a picture is shown or recorded. The originals are sealed; "
            "only several custodians together can open them, for one case, and that is written to "
            "a ledger which nobody can change. Nobody is recognised."
        ),
        (
            "畫面在顯示或錄影前，所有人均經遮蔽。原始影像已封存，須由多名保管人就個別個案共同同意方可開啟，"
            "並記入無法更改的紀錄冊。系統不辨識任何人。"
        ),
        (
            "画面在显示或录像前，所有人均经遮蔽。原始影像已封存，须由多名保管人就个别案件共同同意方可开启，"
            "并记入无法更改的记录册。系统不识别任何人。"
        ),
    ),
    "rights": (
        (
            "You may ask what is held of you, have a copy without anybody else in it, object, and "
            "complain to the supervisory authority. Say where and when you were there, and what "
            "you wore; no proof of your face is needed."
        ),
        (
            "您可查詢系統是否持有您的影像、索取不含他人的副本、提出反對，或向監管機構投訴。"
            "請說明地點、時間及衣著；無須提供面容證明。"
        ),
        (
            "您可查询系统是否持有您的影像、索取不含他人的副本、提出反对，或向监管机构投诉。"
            "请说明地点、时间及衣着；无须提供面容证明。"
        ),
    ),
    "how": (
        "Write to the contact of the place, given above, and say:",
        "請致函上文所列該地點的聯絡處，並說明：",
        "请致函上文所列该地点的联系方式，并说明：",
    ),
    "how-place": (
        "where it was: the place or the entrance",
        "地點：處所或出入口",
        "地点：处所或出入口",
    ),
    "how-time": (
        "when: the day, and from when until when, as closely as you can",
        "時間：日期，以及盡量準確的起訖時間",
        "时间：日期，以及尽量准确的起止时间",
    ),
    "how-look": (
        "what you wore and carried, so that a person can find you on the masked recording",
        "當時的衣著及攜帶物品，以便職員在已遮蔽的錄影中找到您",
        "当时的衣着及携带物品，以便工作人员在已遮蔽的录像中找到您",
    ),
    "how-reach": (
        "how to reach you, and what you want: a copy, erasure, or to object",
        "您的聯絡方法，以及您的要求：索取副本、刪除或提出反對",
        "您的联系方式，以及您的请求：索取副本、删除或提出反对",
    ),
    "how-soon": (
        (
            "Ask soon, since recordings are erased by themselves. From the day your request is "
            "entered, what it asks for is kept until you have your answer."
        ),
        "錄影會自動刪除，請盡早提出。您的要求一經登記，所涉錄影即予保留，直至您獲得答覆。",
        "录像会自动删除，请尽早提出。您的请求一经登记，所涉录像即予保留，直至您获得答复。",
    ),
    "purpose": ("What for", "目的", "目的"),
    "kept": ("Kept for at most", "最長保存", "最长保存"),
    "controller": ("Responsible", "負責人", "负责人"),
    "contact": ("Contact", "聯絡", "联系方式"),
    "ask": ("How to ask", "如何提出要求", "如何提出请求"),
    "sealed": ("originals, sealed", "原始影像（封存）", "原始影像（封存）"),
    "recordings": ("masked recordings", "已遮蔽錄影", "已遮蔽录像"),
    "sound": ("Sound", "聲音", "声音"),
    "sound-none": ("not recorded", "不錄音", "不录音"),
    "sound-some": (
        "recorded by {n}, sealed with the originals; nobody hears it without such a case",
        "其中 {n} 部錄音，與原始影像一併封存；未經上述個案程序，無人可聆聽",
        "其中 {n} 个录音，与原始影像一并封存；未经上述案件程序，无人可听取",
    ),
    "sound-too": ("Sound is recorded too.", "同時錄音。", "同时录音。"),
    "count": ("Cameras", "攝影機數目", "摄像头数量"),
    "unsaid": ("not said yet", "尚未公布", "尚未公布"),
    "days": ("{n} days", "{n} 天", "{n} 天"),
    "hours": ("{n} hours", "{n} 小時", "{n} 小时"),
    "recipients": (
        "the police, courts and authorities whom a case opened by several custodians names",
        "經多名保管人共同開啟的個案所指明的警方、法院及有關當局",
        "经多名保管人共同开启的案件所指明的警方、法院及有关机关",
    ),
    "none": ("There are no cameras.", "沒有攝影機。", "没有摄像头。"),
    "norms": ("Rules in force", "適用規則", "适用规则"),
    "unverified": ("unverified", "未經核實", "未经核实"),
    "not-advice": (
        "Not legal advice.",
        "本頁不構成法律意見。",
        "本页不构成法律意见。",
    ),
}

_PURPOSES: Final[Mapping[str, tuple[str, str, str]]] = {
    "public-safety": ("Safety of the public", "公眾安全", "公共安全"),
    "missing-person": ("Finding a missing person", "尋找失蹤人士", "寻找失踪人员"),
    "accident": ("Finding out about an accident", "調查意外", "调查事故"),
    "crowd-safety": ("Safety of crowds", "人群安全", "人群安全"),
    "traffic": ("Flow and safety of traffic", "交通流量及安全", "交通流量及安全"),
    "property": ("Protection of premises", "保護處所", "保护场所"),
    "help-point": ("Speaking with who asks for help", "與求助者通話", "与求助者通话"),
}

_COMMA: Final = {"en": ", ", "zh-Hant": "、", "zh-Hans": "、"}


def said(name: str, language: str) -> str:
    """A text."""
    return _TEXTS[name][LANGUAGES.index(language)]


def purpose_said(word: str, title: str | None, language: str) -> str:
    """A purpose for people: its title by the pack, in other languages what Scrim knows."""
    known = _PURPOSES.get(word)
    if language == "en" or known is None:
        return title or (known[0] if known else word.replace("-", " "))
    return known[LANGUAGES.index(language)]


def joined(items: list[str], language: str) -> str:
    """A list as it is written in that language."""
    return _COMMA[language].join(items)


def length_said(seconds: int, language: str) -> str:
    """How long: days where they are whole ones, else hours."""
    days, rest = divmod(seconds, 86_400)
    if not rest:
        return (
            said("days", language).replace("{n}", str(days))
            if (language, days) != ("en", 1)
            else "1 day"
        )
    return said("hours", language).replace("{n}", str(-(-seconds // 3600)))
