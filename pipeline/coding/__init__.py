"""People's coding of a random sample of comments: plan, draw, sheets, codes and how far they agree."""
