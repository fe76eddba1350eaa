using MemoryMesh.Memory;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Redis;

return await MemoryMeshHost.RunAsync(args, () =>
{
    var builder = MemoryMeshHost.CreateBuilder(args, MemoryModule.Name);
    builder.Services
        .AddAuthHttpClient()
        .AddChatHttpClient()
        .AddSearchHttpClient()
        .AddMemoryModule();
    builder.AddRabbitMqBus();
    builder.AddSharedAnswers();

    var app = builder.Build();
    app.UseMemoryMeshDefaults();
    app.MapMemoryEndpoints();
    app.MapMemoryCalls();
    return app;
});
