update shard set epoch = epoch + 1 returning format, epoch, position, state
