from bench.report import Figure, Report


def _report(**aims: dict[str, float]) -> Report:
    return Report(
        name="race",
        settings={},
        versions={"peer": "1.2"},
        figures={"speed": Figure(values=[3, 1, 2], unit="m/s")},
        ratios={"peer": [0.5, 0.9, 0.7]},
        **aims,
    )


def test_a_ratio_is_printed_with_its_median_and_spread() -> None:
    assert _report().as_json()["ratios"] == {"peer": {"median": 0.7, "min": 0.5, "max": 0.9}}


def test_the_median_of_a_ratio_or_a_figure_meets_an_aim_from_its_limit_on() -> None:
    aims = _report(at_least={"peer": 0.7, "speed": 2.1}).as_json()["aims"]

    assert aims == {"peer": {"aim": 0.7, "met": True}, "speed": {"aim": 2.1, "met": False}}


def test_the_median_of_a_ratio_or_a_figure_meets_an_aim_up_to_its_limit() -> None:
    aims = _report(at_most={"peer": 0.6, "speed": 2}).as_json()["aims"]

    assert aims == {"peer": {"aim": 0.6, "met": False}, "speed": {"aim": 2, "met": True}}


def test_the_versions_of_the_peers_stand_beside_our_own() -> None:
    versions = _report().as_json()["versions"]

    assert versions["peer"] == "1.2"
    assert {"vitrine", "python"} <= versions.keys()
