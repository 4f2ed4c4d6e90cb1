"""A real Confluent client against a served registry: registers, checks, fetches all three kinds.

Arguments: the registry's URL, a key. Every line that it prints is one thing that held.
"""

import sys

from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

URL, KEY = sys.argv[1:3]
client = SchemaRegistryClient({"url": URL, "basic.auth.user.info": f"any:{KEY}"})


def held(what, condition):
    if not condition:
        sys.exit(f"not so: {what}")
    print(what)


def refused(what, status, number, call):
    try:
        call()
    except SchemaRegistryError as error:
        held(what, (error.http_status_code, error.error_code) == (status, number))
        return str(error)
    sys.exit(f"not refused: {what}")


def in_topic(topic):
    return SerializationContext(topic, MessageField.VALUE)


# Avro: serialized with the schema that the serializer registers, read with the one it fetches.
AVRO = '{"type":"record","name":"Bet","fields":[{"name":"id","type":"string"},%s]}'
first = AVRO % '{"name":"amount","type":"string"}'
wire = AvroSerializer(client, first)({"id": "a", "amount": "1.00"}, in_topic("avro"))
row = AvroDeserializer(client)(wire, in_topic("avro"))
held("Avro there and back", row == {"id": "a", "amount": "1.00"})
latest = client.get_latest_version("avro-value")
held("Avro, the latest version", (latest.version, latest.schema.schema_type) == (1, "AVRO"))
more = Schema(AVRO % '{"name":"amount","type":"string"},{"name":"note","type":"string"}', "AVRO")
held("Avro, a check that says no", not client.test_compatibility("avro-value", more))
why = refused("Avro, refused", 409, 409, lambda: client.register_schema("avro-value", more))
held("the change is named", "#/fields/note" in why)

# JSON Schema, with a reference.
money = Schema('{"type":"string","pattern":"^[0-9.]+$"}', "JSON")
held("JSON Schema registered", client.register_schema("money", money) > 0)
JSON = """{"type":"object","title":"Bet","properties":
           {"id":{"type":"string"},"amount":{"$ref":"money.json"}}}"""
bet = Schema(JSON, "JSON", [SchemaReference("money.json", "money", 1)])
wire = JSONSerializer(bet, client)({"id": "a", "amount": "1.00"}, in_topic("json"))
row = JSONDeserializer(bet, schema_registry_client=client)(wire, in_topic("json"))
held("JSON there and back", row == {"id": "a", "amount": "1.00"})
found = client.lookup_schema("json-value", bet)
held("JSON looked up", (found.version, found.schema.references[0].subject) == (1, "money"))
held("JSON, who stands on it", client.get_referenced_by("money", 1) == [found.schema_id])
closed = Schema('{"type":"array"}', "JSON")
held("JSON, all versions", not client.test_compatibility_all_versions("json-value", closed))

# Protobuf, by the descriptor of a message that no compiler made.
file = descriptor_pb2.FileDescriptorProto(name="bet.proto", package="saldo", syntax="proto3")
message = file.message_type.add(name="Bet")
for number, name in enumerate(["id", "amount"], 1):
    message.field.add(
        name=name, number=number,
        type=descriptor_pb2.FieldDescriptorProto.TYPE_STRING,
        label=descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL,
    )
pool = descriptor_pool.DescriptorPool()
pool.Add(file)
Bet = message_factory.GetMessageClass(pool.FindMessageTypeByName("saldo.Bet"))
conf = {"use.deprecated.format": False}
wire = ProtobufSerializer(Bet, client, conf)(Bet(id="a", amount="1.00"), in_topic("proto"))
row = ProtobufDeserializer(Bet, conf, client)(wire, in_topic("proto"))
held("Protobuf there and back", (row.id, row.amount) == ("a", "1.00"))
text = 'syntax = "proto3"; package saldo; message Bet { string id = 1; string amount = 2; }'
same = client.lookup_schema("proto-value", Schema(text, "PROTOBUF"))
held("Protobuf, its text is the same schema", same.version == 1)
other = text.replace("string amount", "int64 amount")
held("Protobuf, a check", not client.test_compatibility("proto-value", Schema(other, "PROTOBUF")))

# The rest of the interface.
held("kinds", set(client.get_schema_types()) == {"AVRO", "JSON", "PROTOBUF"})
held("subjects", client.get_subjects() == ["avro-value", "json-value", "money", "proto-value"])
held("versions", client.get_versions("avro-value") == [1])
held("by id", client.get_schema(latest.schema_id).schema_str == first)
held("places", client.get_subjects_by_schema_id(latest.schema_id) == ["avro-value"])
held("level", client.get_compatibility() == "BACKWARD")
client.set_compatibility("avro-value", "NONE")
held("level of a subject", client.get_compatibility("avro-value") == "NONE")
held("then it may follow", client.register_schema("avro-value", more) > latest.schema_id)
held("mode", client.get_global_mode() == "READWRITE")
refused("a subject that is not there", 404, 40401, lambda: client.get_latest_version("nobody"))
refused("one that is needed", 422, 42206, lambda: client.delete_subject("money"))
held("deleted", client.delete_subject("avro-value") == [1, 2])
held("for good", client.delete_subject("avro-value", permanent=True) == [1, 2])
held("gone", "avro-value" not in client.get_subjects(deleted=True))
stranger = SchemaRegistryClient({"url": URL, "basic.auth.user.info": f"any:{KEY[:-1]}x"})
refused("a stranger", 401, 401, stranger.get_subjects)
