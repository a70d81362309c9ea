"""From templates and harvests to _posts."""
