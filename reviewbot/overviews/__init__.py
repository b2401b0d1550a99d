"""What is no review, for people and for programs: each module has `text(subject, view)` and `data(subject)`."""
