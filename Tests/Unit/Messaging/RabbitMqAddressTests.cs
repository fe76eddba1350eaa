using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.Tests.Unit.Messaging;

public class RabbitMqAddressTests
{
    [TestCase("amqp://host", "host", 5672, "/", "guest", "guest", false)]
    [TestCase("amqp://u:p@host:1234/", "host", 1234, "/", "u", "p", false)]
    [TestCase("amqp://u:p%40%3A%2Fx@10.0.0.1:1234/team%2Fa", "10.0.0.1", 1234, "team/a", "u", "p@:/x", false)]
    [TestCase("amqps://u:p:q@host/v", "host", 5671, "v", "u", "p:q", true)]
    public void An_address_is_read(string text, string host, int port, string virtualHost, string user, string password, bool tls)
        => Assert.That(RabbitMqAddress.Parse(text), Is.EqualTo(new RabbitMqAddress(host, (ushort)port, virtualHost, user, password, tls)));

    [TestCase(null)]
    [TestCase(" ")]
    [TestCase("localhost:5672")]
    [TestCase("http://u:secret@host")]
    [TestCase("amqp://")]
    public void A_wrong_address_is_told_with_the_setting_and_without_the_password(string? text)
        => Assert.That(
            () => RabbitMqAddress.Parse(text),
            Throws.InstanceOf<StartupException>().With.Message.Contains("ConnectionStrings__rabbitmq").And.Message.Not.Contain("secret"));

    [Test]
    public void The_password_is_not_part_of_its_text()
        => Assert.That(RabbitMqAddress.Parse("amqp://u:secret@host:1/v").ToString(), Is.EqualTo("amqp://u@host:1/v"));
}
