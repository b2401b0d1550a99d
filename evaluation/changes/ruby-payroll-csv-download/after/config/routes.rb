# frozen_string_literal: true

Rails.application.routes.draw do
  root "pages#home"
  get "imprint", to: "pages#imprint"

  namespace :admin do
    root "dashboard#show"

    get "login", to: "logins#new"
    post "login", to: "logins#create"
    delete "logout", to: "logins#destroy"

    resources :employees, only: %i[index show]
    resources :payrolls, only: %i[index show edit update] do
      get :help, on: :collection
      get :export, on: :member
    end
    resources :time_sheets
  end
end
