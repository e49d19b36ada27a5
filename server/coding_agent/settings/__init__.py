"""The options of all rooms, merged into one value per workspace folder, each with its origin."""
