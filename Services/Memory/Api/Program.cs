using MemoryMesh.Memory;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Messaging;

return await MemoryMeshHost.RunAsync(args, () =>
{
    var builder = MemoryMeshHost.CreateBuilder(args, MemoryModule.Name);
    builder.Services
        .AddAuthHttpClient()
        .AddChatHttpClient()
        .AddSearchHttpClient()
        .AddMemoryModule();
    builder.AddRabbitMqBus();

    var app = builder.Build();
    app.UseMemoryMeshDefaults();
    app.MapMemoryEndpoints();
    app.MapMemoryCalls();
    return app;
});
