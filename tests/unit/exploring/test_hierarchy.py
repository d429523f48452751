import pytest
from scipy.cluster.hierarchy import dendrogram, is_valid_linkage


def test_the_tree_has_a_leaf_for_each_topic_and_scipy_draws_it(run):
    tree = run.hierarchy()
    assert is_valid_linkage(tree.linkage)
    assert tree.labels == run._discovered.topics["label"].tolist()
    drawn = dendrogram(tree.linkage, labels=tree.labels, no_plot=True)
    assert sorted(drawn["ivl"]) == sorted(tree.labels)


def test_its_figure_has_the_labels_and_the_width_asked_for(run):
    tree = run.hierarchy()
    (axes,) = tree.figure.axes
    written = " ".join(tick.get_text().replace("\n", " ") for tick in axes.get_yticklabels())
    assert all(label in written for label in tree.labels)
    assert tree.draw(width_mm=88).get_size_inches()[0] * 25.4 == pytest.approx(88)
