SELECT number FROM generation;
