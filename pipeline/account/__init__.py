"""The comments beside the published account: shares, claims, groups and agreement."""
