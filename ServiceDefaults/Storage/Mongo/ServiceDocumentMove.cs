using MemoryMesh.ServiceDefaults.Storage.Moving;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.ServiceDefaults.Storage.Mongo;

/// <summary>Moves what a service keeps between its own file and MongoDB, whichever of the two its installation has.</summary>
/// <param name="services">Services of the installation.</param>
/// <param name="service">Name of the service.</param>
/// <param name="tables">What is moved, in an order in which <see cref="DocumentMove"/> can.</param>
internal sealed class ServiceDocumentMove(IServiceProvider services, string service, IReadOnlyList<DocumentTable> tables) : IDocumentMove
{
    public Task SettleAsync(CancellationToken cancellationToken) => DocumentMove.SettleAsync(DocumentsOf(services), cancellationToken);

    public Task CheckAsync(CancellationToken cancellationToken) => DocumentMove.RequireNoErasureAsync(StoreOf(services), cancellationToken);

    public Task<RowDigest> MoveToAsync(IServiceProvider target, CancellationToken cancellationToken)
        => services.GetService<IConfiguration>().IsInMongo(service)
            ? DocumentMove.ToRowsAsync(DocumentsOf(services), StoreOf(target), tables, cancellationToken)
            : DocumentMove.ToDocumentsAsync(StoreOf(services), StoreOf(target), DocumentsOf(target), tables, cancellationToken);

    private ModuleStore StoreOf(IServiceProvider provider) => provider.GetRequiredKeyedService<ModuleStore>(service);

    private MongoStore DocumentsOf(IServiceProvider provider) => provider.GetRequiredKeyedService<MongoStore>(service);
}
