"""The study of a frozen backbone, which runs once over every image, against a loop that runs it in every epoch."""
