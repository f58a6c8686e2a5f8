//! Text from hostile names, made safe to show.
