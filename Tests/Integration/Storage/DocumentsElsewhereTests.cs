using System.Security.Cryptography;
using MemoryMesh.ServiceDefaults.Configuration;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace MemoryMesh.Tests.Integration.Storage;

/// <summary>A folder whose documents are in MongoDB is not served without it.</summary>
public class DocumentsElsewhereTests
{
    [TestCase("chat", "MemoryMesh.Chat.Migrations.")]
    [TestCase("memory", "MemoryMesh.Memory.Migrations.")]
    public async Task A_store_whose_documents_are_on_a_server_is_refused_when_no_address_is_given(string service, string migrations)
    {
        var folder = Directory.CreateTempSubdirectory("memorymesh-documents-");
        try
        {
            var ring = new KeyRing(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
            var assembly = service == "chat" ? typeof(MemoryMesh.Chat.ChatModule).Assembly : typeof(MemoryMesh.Memory.MemoryModule).Assembly;
            await using var store = new ModuleDatabase(service, [.. Migration.FromResources(assembly, migrations)], folder.FullName, ring, NullLoggerFactory.Instance);
            await store.OpenAsync(default);
            var nothing = new ConfigurationBuilder().Build();
            await StoreEngines.RequireDocumentsAsync(store, nothing, default);
            await store.Data.WriteAsync(session => session.Execute("INSERT INTO document_store (place, id, taken) VALUES (1, $1, 0)", Guid.NewGuid()), default);
            Assert.That(
                async () => await StoreEngines.RequireDocumentsAsync(store, nothing, default),
                Throws.InstanceOf<StartupException>().With.Message.Contains($"ConnectionStrings__{service}"));
            var embedded = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
            {
                [$"ConnectionStrings:{service}"] = "mongodb://localhost/memorymesh",
                [StoreEngines.EngineKey] = StoreAddresses.Embedded,
            }).Build();
            Assert.That(async () => await StoreEngines.RequireDocumentsAsync(store, embedded, default), Throws.InstanceOf<StartupException>());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
