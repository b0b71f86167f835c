"""A dry run's diff: few lines, what moved by itself left out, no value of a variable."""

from bot.core.difference import Difference, differences, lines
from bot.core.secret import MASK


def pod(**container: object) -> dict[str, object]:
    return {"spec": {"containers": [{"name": "app", **container}]}}


def test_what_every_write_moves_is_left_out() -> None:
    before = {"metadata": {"resourceVersion": "1", "generation": 1, "managedFields": [{"manager": "a"}]}, "status": {}}
    notes = {"quarterdeck.io/by": "oncall", "kubernetes.io/change-cause": "deploy"}
    after = {"metadata": {"resourceVersion": "2", "generation": 2, "annotations": notes}, "status": {"replicas": 1}}
    assert differences(before, after) == ()


def test_a_label_named_as_what_moves_is_told() -> None:
    after = {"metadata": {"labels": {"uid": "7"}}, "spec": {"status": "on"}}
    assert [d.where for d in differences({}, after)] == ["metadata.labels.uid", "spec.status"]


def test_containers_go_by_their_names() -> None:
    before = {"containers": [{"name": "app", "image": "a:1"}]}
    after = {"containers": [{"name": "proxy", "image": "p:1"}, {"name": "app", "image": "a:2"}]}
    assert differences(before, after) == (
        Difference("containers[proxy].image", None, "p:1"),
        Difference("containers[app].image", "a:1", "a:2"),
    )


def test_a_variable_is_said_to_change_and_its_value_is_not() -> None:
    before, after = pod(env=[{"name": "KEY", "value": "old"}]), pod(env=[{"name": "KEY", "value": "new"}])
    assert differences(before, after) == (Difference("spec.containers[app].env[KEY].value", MASK, MASK),)


def test_what_is_long_stands_on_lines_of_its_own_and_what_is_much_is_counted() -> None:
    long = Difference("image", "a" * 60, "b" * 60)
    assert lines([long]) == ["image:", f"- {'a' * 60}", f"+ {'b' * 60}"]
    assert lines([Difference("new", None, ""), Difference("old", "x", None)]) == ["+ new", "- old: x"]
    assert lines([Difference(f"f{n}", "1", "2") for n in range(5)], most=2) == [
        "f0: 1 → 2",
        "f1: 1 → 2",
        "… and 3 more",
    ]
