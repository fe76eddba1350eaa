using MemoryMesh.Chat;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Internal;
using MemoryMesh.ServiceDefaults.Messaging;

return await MemoryMeshHost.RunAsync(args, () =>
{
    var builder = MemoryMeshHost.CreateBuilder(args, ChatModule.Name);
    builder.Services
        .AddAuthHttpClient()
        .AddMemoryHttpClient()
        .AddSearchHttpClient()
        .AddChatModule();
    builder.AddRabbitMqBus();

    var app = builder.Build();
    app.UseMemoryMeshDefaults();
    app.MapChatEndpoints();
    app.MapChatCalls();
    return app;
});
